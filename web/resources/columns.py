# SPDX-License-Identifier: Apache-2.0
"""Columns of a grid, made of what the model says of a table."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Table,
    func,
    select,
)
from sqlalchemy import Column as TableColumn
from sqlalchemy import column as Named  # noqa: N812 - `column` is a table's here
from sqlalchemy import table as named_table
from sqlalchemy.dialects.postgresql import DATERANGE, INET, TSTZRANGE

from poser.gtin import CodeKind, candidates
from poser.model import Product
from poser.model.columns import AMOUNT, COST, PRICE, QUANTITY
from web.grid.filters import Filter, Flag
from web.grid.subject import Column, Expression, Kind, Order, Reference
from web.language import _, mark
from web.resources.fields import options_of
from web.resources.words import label_of

_PRODUCT = "product_id"
LABELS = (
    *("number", "code", "name", "display_name", "description", "title", "key"),
    *("subject", "order_number", "file_name"),
)
"""Columns by which people call a record, the best first, where nothing else is said."""

CODES = ("number", "code", "item_number", "account_number", "gtin", "plu", "key")
"""Columns that are compared with a scanned or typed code before words are searched for."""


def column_of(table: Table, name: str, *, links: bool = False, is_small: bool = False) -> Column:
    """Make a grid's column of a table's; a reference shows how the other record is called."""
    column = table.c[name]
    target = next((k.column.table for k in column.foreign_keys if k.column.name == "id"), None)
    if target is not None:
        return _reference(column, target, links=links, is_small=is_small)
    kind = _kind(column)
    is_sortable = is_small or has_order(table, column)
    options = options_of(column)
    words = {option.value: option.label for option in options}
    return Column(
        name=name,
        label=label_of(name),
        value=column,
        kind=kind,
        order=_order(column, kind) if is_sortable and can_be_ordered(column) else None,
        links=links,
        css="lead-cell" if links else "",
        options=options,
        write=(lambda value: _(words.get(value, value or ""))) if options else None,
        read=_barcodes if name == "gtin" else None,
        sums=column.type in (AMOUNT, QUANTITY),
    )


def _reference(column: "TableColumn[Any]", target: Table, *, links: bool, is_small: bool) -> Column:
    value = called(target, column)
    return Column(
        name=column.name,
        label=label_of(column.name),
        value=value,
        order=Order(by=value, nullable=True) if is_small else None,
        links=links,
        css="lead-cell" if links else "",
        reference=Reference(key=column, table=target, names=names_of(target)),
    )


def _order(column: "TableColumn[Any]", kind: Kind) -> Order:
    is_open_text = bool(column.nullable) and isinstance(column.type, String)
    return Order(
        by=func.coalesce(column, "") if is_open_text else column,
        nullable=bool(column.nullable) and not is_open_text,
        best_first=kind in {Kind.TIME, Kind.DAY, Kind.DATE, Kind.MONEY},
    )


def can_be_ordered(column: "TableColumn[Any]") -> bool:
    """Tell whether "before" and "after" mean something for the values of a column."""
    return not isinstance(column.type, JSON | ARRAY | LargeBinary | TSTZRANGE | DATERANGE | INET)


def _barcodes(text: str) -> Sequence[object]:
    """Read a barcode with or without its check digit, as a scanner sends it or a person types."""
    found = [each.value for each in candidates(text) if each.kind is CodeKind.GTIN]
    return found or ([int(text)] if text.isascii() and text.isdigit() else [])


def called(target: Table, reference: "ColumnElement[Any]") -> Expression:
    """Select how the record that `reference` holds the id of is called."""
    names = names_of(target)
    of_product = [_PRODUCT] if names == ("code",) and _PRODUCT in target.c else []
    # Of its columns only those that are read: an alias of a table copies every one.
    read = (Named(name, target.c[name].type) for name in ("id", *names, *of_product))
    other = named_table(target.name, *read, schema=target.schema).alias()
    text: Expression = other.c[names[0]]
    for name in names[1:]:
        text = text + " " + other.c[name]
    if of_product:  # a code alone, such as a vendor's, tells people nothing
        products = Product.__table__.c
        what = select(products.description).where(products.id == other.c[_PRODUCT])
        text = func.btrim(text + " " + what.scalar_subquery())
    return select(text).where(other.c.id == reference).scalar_subquery()


def names_of(table: Table) -> tuple[str, ...]:
    """Name the columns by which people call a record of a table.

    That is number and name, or code and description where each row has both, or one column.
    """
    numbered = tuple(n for n in ("number", "name") if n in table.c)
    if numbered:
        return numbered
    coded = [table.c.get(name) for name in ("code", "description")]
    if all(c is not None and not c.nullable and c.server_default is None for c in coded):
        return ("code", "description")
    return (label_name(table),)


def others(table: Table, said: Collection[Column]) -> tuple[str, ...]:
    """Name the columns that a grid can show though nobody said so: all but keys and secrets.

    What is said already under another name is left out: a copy of a name, and its reference.
    """
    names = {column.name for column in said}
    labels = {column.label for column in said}
    values = {id(column.value) for column in said}
    return tuple(
        column.name
        for column in table.c
        if column.name not in names
        and label_of(column.name) not in labels
        and id(column) not in values
        and column.name not in {"id", "search"}
        and column.info.get("history") != "secret"
        and not isinstance(column.type, LargeBinary)
    )


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
    said = {"no": mark("hidden"), "any": mark("shown"), "only": mark("only these")}
    return (
        Flag(
            name="archived",
            label="Archived",
            column=table.c.is_archived,
            usual="no",
            said=said,
        ),
    )


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
    TSTZRANGE: Kind.SPAN,
    DATERANGE: Kind.SPAN,
}
