# SPDX-License-Identifier: Apache-2.0
"""What the commands behind `poser history` share: naming records and moments, and showing."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from poser.cli.output import shown, write_columns
from poser.errors import PoserError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from poser.history.values import Change


class Moment(click.ParamType[datetime]):
    """A moment on the command line: a date or time, UTC unless it says its offset."""

    name = "MOMENT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read a moment, or say how to write one."""
        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(
                f"{value!r} is no moment; write it like 2026-11-22T09:30Z or 2026-11-22",
                param,
                ctx,
            )
        return at if at.tzinfo else at.replace(tzinfo=UTC)


MOMENT = Moment()
"""The type of an argument that takes a moment."""


def find_record(session: "Session", table: str, words: str) -> UUID:
    """Find the id of a record named by its id or by COLUMN=VALUE.

    Looks among the live rows, then among what was deleted. Raises PoserError when there is
    none, or more than one.
    """
    from poser.history.finding import records  # noqa: PLC0415 - slow

    try:
        return UUID(words)
    except ValueError:
        pass
    column, is_pair, value = words.partition("=")
    if not is_pair:
        raise PoserError(
            f"{words!r} names no record", hint="write its id, or COLUMN=VALUE such as gtin=1234"
        )
    found = records(session, table, column, value)
    if len(found) != 1:
        raise PoserError(
            f"{'no record' if not found else 'more than one record'} of {table} has"
            f" {column} = {value!r}",
            hint="deleted records: `poser history deleted TABLE`" if not found else "give its id",
        )
    return found[0]


def show_changes(changes: Sequence["Change"], *, with_record: bool = False) -> None:
    """Write changes as lines for people: when, what, who, and each field's old and new."""
    for change in changes:
        record = f"{change.table} {change.row_id} " if with_record else ""
        click.echo(f"{_time(change.at)}  {record}{change.kind}  {change.made}")
        if change.made.comment:
            click.echo(f"    “{change.made.comment}”")
        rows = [
            (f"    {name}", shown(change.old, name), "->", shown(change.new, name))
            for name in change.fields
            if change.kind == "update"
        ]
        if rows:
            write_columns(rows)
        elif change.kind != "update":
            fields = change.new or change.old
            write_columns([(f"    {name}", shown(fields, name)) for name in sorted(fields)])


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that shows how far a table is, on a terminal; silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _table, _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415 - slow, and only for people
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks = {}

        def show(table: str, done: int, total: int) -> None:
            if table not in tasks:
                tasks[table] = bar.add_task(table, total=total)
            bar.update(tasks[table], completed=done, total=total)

        yield show
