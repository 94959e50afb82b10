# SPDX-License-Identifier: Apache-2.0
"""Writing a difference into its table: all rows of a kind in one statement."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.importing.becoming import near, otherwise
from poser.importing.difference import LETTERS, difference_of, value
from poser.importing.parts import Column, Part, quoted
from poser.importing.result import Kind
from poser.importing.staging import stage_of

Range = tuple[int, int]
"""Numbers of staged records, both ends included."""


def apply(session: Session, part: Part, kind: Kind, some: Range | None = None) -> int:
    """Write the changes of one kind, of all records or of some; returns how many."""
    statement = {Kind.CREATE: _create, Kind.UPDATE: _update, Kind.DELETE: _delete}[kind](part)
    values = {"low": some[0], "high": some[1]} if some else {}
    if some:
        statement += " AND d.n BETWEEN :low AND :high"
    done = session.execute(text(statement), values)
    return int(getattr(done, "rowcount", 0))


def _create(part: Part) -> str:
    columns = [column for column in part.columns if column.name != "id"]
    names = "".join(f", {quoted(column.name)}" for column in columns)
    values = "".join(f", {_new(column)}" for column in columns)
    return (
        f"INSERT INTO {quoted(part.table)} (id{names}) SELECT d.row_id{values}"  # noqa: S608 - quoted
        f" FROM {difference_of(part)} AS d JOIN {stage_of(part)} AS s ON s._n = d.n"
        f" WHERE d.kind = '{LETTERS[Kind.CREATE]}'"
    )


def _new(column: Column) -> str:
    if column.is_nullable or not column.default:
        return value(column)
    return f"coalesce({value(column)}, {column.default.replace(':', chr(92) + ':')})"


def _update(part: Part) -> str:
    sets = [f"{quoted(column.name)} = {_changed(part, column)}" for column in part.compared]
    sets += [f"{quoted(name)} = now()" for name in part.touched]
    return (
        f"UPDATE {quoted(part.table)} AS t SET {', '.join(sets)}"  # noqa: S608 - quoted
        f" FROM {difference_of(part)} AS d JOIN {stage_of(part)} AS s ON s._n = d.n"
        f" WHERE t.id = d.row_id AND d.kind = '{LETTERS[Kind.UPDATE]}'"
    )


def _changed(part: Part, column: Column) -> str:
    mine, theirs = value(column), f"t.{quoted(column.name)}"
    if column.fuzzy:
        mine = f"CASE WHEN {near(column, part)} THEN {theirs} ELSE {mine} END"
    return mine if column.is_nullable else f"coalesce({mine}, {otherwise(column)})"


def _delete(part: Part) -> str:
    return (
        f"DELETE FROM {quoted(part.table)} AS t USING {difference_of(part)} AS d"  # noqa: S608 - quoted
        f" WHERE t.id = d.row_id AND d.kind = '{LETTERS[Kind.DELETE]}'"
    )
