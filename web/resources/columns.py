# SPDX-License-Identifier: Apache-2.0
"""Columns of a grid, made of what the model says of a table."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Numeric,
    String,
    Table,
    func,
    select,
)
from sqlalchemy import Column as TableColumn

from poser.model.columns import AMOUNT, COST, PRICE
from web.grid.filters import Filter, Flag
from web.grid.subject import Column, Expression, Kind, Order
from web.resources.words import label_of

LABELS = ("number", "code", "name", "description", "title", "key")
"""Columns by which people call a record, the best first, where nothing else is said."""


def column_of(table: Table, name: str, *, links: bool = False, is_small: bool = False) -> Column:
    """Make a grid's column of a table's; a reference shows how the other record is called."""
    column = table.c[name]
    target = next((k.column.table for k in column.foreign_keys if k.column.name == "id"), None)
    if target is not None:
        return Column(
            name=name,
            label=label_of(name),
            value=called(target, column),
            links=links,
            css="lead-cell" if links else "",
        )
    kind = _kind(column)
    is_sortable = is_small or has_order(table, column)
    by: Expression = func.coalesce(column, "") if _is_open_text(column) else column
    order = Order(
        by=by,
        nullable=bool(column.nullable) and not _is_open_text(column),
        best_first=kind in {Kind.TIME, Kind.DAY, Kind.DATE, Kind.MONEY},
    )
    return Column(
        name=name,
        label=label_of(name),
        value=column,
        kind=kind,
        order=order if is_sortable else None,
        links=links,
        css="lead-cell" if links else "",
    )


def called(target: Table, reference: "ColumnElement[Any]") -> Expression:
    """Select how the record that `reference` holds the id of is called."""
    other = target.alias()
    names = [name for name in ("number", "name") if name in other.c] or [label_name(target)]
    text: Expression = other.c[names[0]]
    for name in names[1:]:
        text = text + " " + other.c[name]
    return select(text).where(other.c.id == reference).scalar_subquery()


def label_name(table: Table) -> str:
    """Name the column by which people call a record of a table."""
    return next((name for name in LABELS if name in table.c), "id")


def has_order(table: Table, column: "TableColumn[Any]") -> bool:
    """Tell whether the table has an index over exactly (column, id), as keyset pages need."""
    wanted = [column.name, "id"]
    return column.name == "id" or any(
        [getattr(each, "name", None) for each in index.expressions] == wanted
        for index in table.indexes
    )


def text_search(table: Table, search: "Expression | str | None") -> Expression | None:
    """Give what a contains-search looks through: said, or the table's `search` column."""
    if isinstance(search, str):
        names = search.split()
        text: Expression = func.lower(table.c[names[0]])
        for name in names[1:]:
            text = text + " " + func.lower(func.coalesce(table.c[name], ""))
        return text
    return search if search is not None else table.c.get("search")


def default_filters(table: Table, shown: Sequence[object]) -> tuple[Filter, ...]:  # noqa: ARG001
    """Leave out what is archived, where the table knows that."""
    if "is_archived" not in table.c:
        return ()
    said = {"no": "hidden", "any": "shown", "only": "only these"}
    return (
        Flag(
            name="archived",
            label="Archived",
            column=table.c.is_archived,
            usual="no",
            said=said,
        ),
    )


def _is_open_text(column: "TableColumn[Any]") -> bool:
    return bool(column.nullable) and isinstance(column.type, String)


def _kind(column: "TableColumn[Any]") -> Kind:
    if column.type in (PRICE, COST, AMOUNT):
        return Kind.MONEY
    for kind, found in _KINDS.items():
        if isinstance(column.type, kind):
            return found
    return Kind.TEXT


_KINDS: dict[type, Kind] = {
    Boolean: Kind.FLAG,
    DateTime: Kind.TIME,
    Date: Kind.DATE,
    Integer: Kind.QUANTITY,
    Numeric: Kind.QUANTITY,
}
