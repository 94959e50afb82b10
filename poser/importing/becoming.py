# SPDX-License-Identifier: Apache-2.0
"""What the columns of a row become by a record, in SQL.

`s` is the staged row, `t` the live one, all NULL where there is none.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from poser.importing.parts import Column, Part, Shape, escaped, quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """How a query writes what it knows: a record's values, whether its row is new, and its id."""

    value: Callable[[Column], str]
    is_new: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """What rules over one row forbid: a condition over columns of the row as it would be.

    `columns` are those that it needs; `generated` those that the database makes of others.
    """

    condition: str
    columns: tuple[str, ...]
    generated: tuple[str, ...] = ()


def becomes(part: Part, name: str, shape: Shape, query: Query) -> str:
    """Write what a column will be; one that the database generates is not asked for."""
    if name == "id":
        return query.id
    if any(column.name == name for column in part.columns):
        return _given(part, part.column(name), shape, query)
    old = "now()" if name in part.touched else f"t.{quoted(name)}"
    default = escaped(shape.defaults.get(name, "NULL"))
    return f"CASE WHEN {query.is_new} THEN {default} ELSE {old} END"


def columns_as(part: Part, names: Iterable[str], shape: Shape, query: Query) -> str:
    """Write columns as they would be, each under its own name."""
    return ", ".join(f"{becomes(part, name, shape, query)} AS {quoted(name)}" for name in names)


def with_generated(rows: str, names: Iterable[str], shape: Shape) -> str:
    """Add columns that the database makes of others to a query of rows as they would be."""
    made = ", ".join(f"({escaped(shape.generated[name])}) AS {quoted(name)}" for name in names)
    return f"SELECT *, {made} FROM ({rows}) AS made" if made else rows  # noqa: S608 - quoted; expressions of the catalog


def otherwise(column: Column) -> str:
    """Write what a column that may not be empty has where nothing is said: what it had.

    A copy of what a reference leads to goes with that reference.
    """
    return (
        escaped(column.default) if column.is_copy and column.default else f"t.{quoted(column.name)}"
    )


def near(column: Column, part: Part) -> str:
    """Say when a staged value is as good as the one that a row has."""
    name = quoted(column.name)
    apart = f"s.{name} - t.{name}"
    if column.fuzzy == "time":
        apart = f"extract(epoch FROM {apart})"
    both = f"s.{name} IS NULL AND t.{name} IS NULL"
    return f"({both}) OR coalesce(abs({apart}) <= {part.fuzz}, false)"


def _given(part: Part, column: Column, shape: Shape, query: Query) -> str:
    mine = query.value(column)
    if column.fuzzy:
        mine = f"CASE WHEN {near(column, part)} THEN t.{quoted(column.name)} ELSE {mine} END"
    if column.is_nullable:
        return mine
    default = shape.defaults.get(column.name)
    return f"coalesce({mine}, {otherwise(column)}{f', {escaped(default)}' if default else ''})"
