# SPDX-License-Identifier: Apache-2.0
"""Differences as people read them: which row, which fields, old and new."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.importing.becoming import near
from poser.importing.difference import LETTERS, difference_of, value
from poser.importing.parts import Column, Part, quoted
from poser.importing.result import Difference, Kind
from poser.importing.staging import stage_of

_CHUNK = 2_000


def differences(
    session: Session, part: Part, kind: Kind, limit: int | None = None
) -> Iterator[Difference]:
    """Give the changes of one kind in the order of the source: all of them, or the first.

    A reference is shown by its id in `row`, and by what the source calls it in fields.
    """
    statement = {Kind.CREATE: _creates, Kind.UPDATE: _updates, Kind.DELETE: _deletes}[kind](part)
    statement += " ORDER BY abs(d.n)" + ("" if limit is None else f" LIMIT {int(limit)}")
    options = {} if limit is not None else {"yield_per": _CHUNK}
    for row in session.execute(text(statement), execution_options=options):
        old, new = _fields(part, kind, row)
        yield Difference(
            model=part.model, kind=kind, key=row.key, row_id=row.row_id, old=old, new=new
        )


def _fields(
    part: Part,
    kind: Kind,
    row: Any,  # noqa: ANN401 - a row of any part
) -> tuple[dict[str, str | None], dict[str, str | None]]:
    names = [column.name for column in part.columns]
    old = dict(zip(names, row.old or (), strict=False))
    new = dict(zip(names, row.new or (), strict=False))
    if kind is Kind.UPDATE:
        changed = {name for name, is_changed in zip(names, row.changed, strict=True) if is_changed}
        return (
            {name: old[name] for name in names if name in changed},
            {name: new[name] for name in names if name in changed},
        )
    return old, new


def _creates(part: Part) -> str:
    new = ", ".join(f"{value(column)}::text" for column in part.columns)
    return (
        f"SELECT d.row_id, {key_of(part, 's')} AS key, NULL AS old, ARRAY[{new}] AS new"  # noqa: S608 - quoted
        f" FROM {difference_of(part)} AS d JOIN {stage_of(part)} AS s ON s._n = d.n"
        f" WHERE d.kind = '{LETTERS[Kind.CREATE]}'"
    )


def _updates(part: Part) -> str:
    old = ", ".join(f"t.{quoted(column.name)}::text" for column in part.columns)
    new = ", ".join(f"{mine(column)}::text" for column in part.columns)
    changed = ", ".join(is_changed(part, column) for column in part.columns)
    return (
        f"SELECT d.row_id, {key_of(part, 's')} AS key, ARRAY[{old}] AS old, ARRAY[{new}] AS new,"  # noqa: S608 - quoted
        f" ARRAY[{changed}] AS changed FROM {difference_of(part)} AS d"
        f" JOIN {stage_of(part)} AS s ON s._n = d.n"
        f" JOIN {quoted(part.table)} AS t ON t.id = d.row_id"
        f" WHERE d.kind = '{LETTERS[Kind.UPDATE]}'"
    )


def _deletes(part: Part) -> str:
    old = ", ".join(f"t.{quoted(column.name)}::text" for column in part.columns)
    return (
        f"SELECT d.row_id, {key_of(part, 't')} AS key, ARRAY[{old}] AS old, NULL AS new"  # noqa: S608 - quoted
        f" FROM {difference_of(part)} AS d JOIN {quoted(part.table)} AS t ON t.id = d.row_id"
        f" WHERE d.kind = '{LETTERS[Kind.DELETE]}'"
    )


def mine(column: Column) -> str:
    """Write the value that a record brings, or the one that its row has where it brings none."""
    if column.is_nullable:
        return value(column)
    return f"coalesce({value(column)}, t.{quoted(column.name)})"


def is_changed(part: Part, column: Column) -> str:
    """Say whether a column of a row that differs is one of those that do."""
    if column.name in part.key:
        return "false"
    if column.fuzzy:
        return f"NOT ({near(column, part)})"
    return f"t.{quoted(column.name)} IS DISTINCT FROM {mine(column)}"


def key_of(part: Part, of: str) -> str:
    """Write the key of a staged row (`s`) or a live one (`t`) as people read it."""
    return " || ', ' || ".join(
        f"coalesce({of}.{quoted(name)}::text, 'nothing')" for name in part.key
    )
