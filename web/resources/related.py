# SPDX-License-Identifier: Apache-2.0
"""Rows of other tables that belong to a record: the first ones, all of them, and one more."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from web.formats import day, money, quantity, span
from web.grid.cells import css_of, mark_css
from web.grid.subject import Column, Kind
from web.language import _
from web.resources.columns import names_of
from web.resources.reading import Record
from web.resources.resource import Related, Resource, Verb
from web.urls import with_query
from web.visits import Visit

SHOWN = 25
STAMPS = frozenset({"id", "created_at", "modified_at"})
"""Columns that tell when a row was added or changed: its own page and the grid show them."""


class Cell(NamedTuple):
    """One cell: what it says, the class and label of its column, whether it leads to the row.

    A mark says by a word of its own that something is so, and stands where its heading would.
    """

    text: str
    css: str
    label: str
    leads: bool = False
    mark: str = ""


class RelatedRow(NamedTuple):
    """One row, and where its own page is."""

    path: str
    cells: Sequence[Cell]


class RelatedTable(NamedTuple):
    """The rows of one table; `all_path` leads to the grid with them, `add_path` to a form."""

    title: str
    many: str
    headings: Sequence[Cell]
    rows: Sequence[RelatedRow]
    has_more: bool
    all_path: str
    add_path: str


def related_tables(here: Visit, resource: Resource, record: Record) -> list[RelatedTable]:
    """Read the related rows of a record that a visitor may see."""
    found = []
    for related in resource.related:
        other = here.site.resources.get(related.table)
        if other is not None and here.visitor.may(other.grid.permission):
            found.append(_read(here, resource, other, related, record))
    return found


def _read(
    here: Visit, resource: Resource, other: Resource, related: Related, record: Record
) -> RelatedTable:
    key = record["id"]
    columns = _columns(here, other, related)
    table = other.table
    order = other.grid.orders[other.order.removeprefix("-")]
    by = order.by.desc() if order.best_first else order.by
    wanted = (
        select(table.c.id, *(column.value.label(column.name) for column in columns))
        .where(table.c[related.by] == key, *other.conditions_for(here.visitor))
        .order_by(by, table.c.id)
        .limit(SHOWN + 1)
    )
    rows = here.read(other.database).connection().execute(wanted).all()
    back = resource.record_path(key)
    may_add = Verb.CREATE in other.can and here.visitor.may(other.permission(Verb.CREATE))
    return RelatedTable(
        title=_(related.title or other.title),
        many=_(other.many),
        headings=[
            Cell(_(c.label), css_of(c), "", mark="mark" if c.kind is Kind.FLAG else "")
            for c in columns
        ],
        rows=[_row(here, other, columns, row) for row in rows[:SHOWN]],
        has_more=len(rows) > SHOWN,
        all_path=with_query(other.path, [(f"{related.by}.is", _said(resource, record))]),
        add_path=with_query(f"{other.path}/new", [(related.by, str(key)), ("next", back)])
        if may_add
        else "",
    )


def _said(resource: Resource, record: Record) -> str:
    """Say which record it is, as the filter of a grid takes it."""
    names = names_of(resource.table)
    return str(record[names[0]])


def _row(here: Visit, other: Resource, columns: Sequence[Column], row: Row[Any]) -> RelatedRow:
    texts = [_text(here, column, row[n + 1]) for n, column in enumerate(columns)]
    said = [n for n, column in enumerate(columns) if texts[n] and column.kind is not Kind.FLAG]
    leading = next((n for n in said if columns[n].links), said[0] if said else 0)
    texts[leading] = texts[leading] or _("(no text)")
    cells = [
        Cell(
            texts[n],
            css_of(column),
            _(column.label),
            leads=n == leading,
            mark=mark_css(column) if column.kind is Kind.FLAG and texts[n] else "",
        )
        for n, column in enumerate(columns)
    ]
    return RelatedRow(other.record_path(row[0]), cells)


def _columns(here: Visit, other: Resource, related: Related) -> list[Column]:
    named = related.columns or tuple(
        c.name for c in other.grid.columns if c.name not in {related.by, *STAMPS}
    )
    known = {column.name: column for column in other.grid.columns}
    return [known[n] for n in named if n in known and other.may_see(here.visitor, n)]


def _text(here: Visit, column: Column, value: Any) -> str:  # noqa: ANN401 - of any column
    if value is None:
        return ""
    if column.write is not None:
        return column.write(value)
    if column.kind in {Kind.TIME, Kind.DAY}:
        at = here.moment(value)
        text = at.text if at else ""
        return text if column.kind is Kind.TIME else text[:10]
    if column.kind is Kind.FLAG:
        return _(column.label).lower() if value else ""
    if column.kind is Kind.SPAN:
        return span(value, here.site.zone)
    return _WRITTEN.get(column.kind, str)(value)


_WRITTEN: Mapping[Kind, Callable[[Any], str]] = {
    Kind.MONEY: money,
    Kind.QUANTITY: quantity,
    Kind.DATE: day,
}
