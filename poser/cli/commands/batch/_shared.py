# SPDX-License-Identifier: Apache-2.0
"""What the commands behind `poser batch` share: who works, on which batch, and showing it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from poser.cli.app import Node
from poser.cli.author import command_author, command_line
from poser.errors import PoserError

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from poser.batch.batch_type import BatchType
    from poser.model.batches import Batch, BatchRow

F = TypeVar("F", bound=Callable[..., Any])

number = click.argument("number", type=click.IntRange(min=1))
"""The argument NUMBER: what people call the batch."""

_WHO = (
    click.option("--as-user", default="", metavar="NAME", help="Do it as this user of the node."),
    click.option("--comment", default="", help="Why; kept with the batch and what it changes."),
)


def who(function: F) -> F:
    """Add the options that say who does it, and why."""
    for option in reversed(_WHO):
        function = option(function)
    return function


@contextmanager
def at_work(node: Node, word: str, as_user: str = "", comment: str = "") -> "Iterator[Engine]":
    """Open the database; what is changed inside is kept as somebody's work.

    Raises PoserError for a user that there is not.
    """
    from dataclasses import replace  # noqa: PLC0415 - rarely needed

    from poser.db.authors import authored  # noqa: PLC0415 - slow

    engine = node.engine("poser", command=f"batch {word}")
    author = command_author(command_line(), comment)
    if as_user:
        user_id = _user_id(engine, as_user)
        author = replace(author, user_id=user_id, user_name=as_user)
    with authored(author):
        yield engine


@contextmanager
def on_batch(
    node: Node, word: str, of: int, as_user: str = "", comment: str = ""
) -> "Iterator[tuple[Session, BatchType, Batch]]":
    """Lock a batch for a change in one transaction, with its type."""
    from poser.batch.moving import held  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415

    with (
        at_work(node, word, as_user, comment) as engine,
        transaction(engine) as session,
    ):
        batch = held(session, of)
        yield session, type_of(node, batch), batch


def type_of(node: Node, batch: "Batch") -> "BatchType":
    """Find the type of a batch."""
    from poser.batch.found import batch_type  # noqa: PLC0415 - slow

    return batch_type(batch.key, node.extensions)


def type_by_number(node: Node, engine: "Engine", of: int) -> "BatchType":
    """Find the type of a batch by the batch's number."""
    from poser.batch.moving import by_number  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415

    with transaction(engine, read_only=True) as session:
        return type_of(node, by_number(session, of))


def pairs(words: tuple[str, ...]) -> dict[str, str]:
    """Read NAME=VALUE words. Raises click's error for others."""
    found = {}
    for word in words:
        name, is_pair, value = word.partition("=")
        if not is_pair or not name:
            raise click.UsageError(f"{word!r} is not NAME=VALUE")
        found[name] = value
    return found


def headline(batch: "Batch") -> str:
    """Name a batch in one line."""
    rows = f"{batch.row_count:,} row{'' if batch.row_count == 1 else 's'}"
    about = f" {batch.description}" if batch.description else ""
    return f"batch {batch.number}:{about} ({batch.key}), {rows}, {batch.status}"


def show_row(row: "BatchRow") -> None:
    """Write a row: what it is about, each field with what it was, and how it went."""
    fate = "" if row.outcome == "waiting" else f": {row.outcome}"
    why = f", {row.reason or row.status_text}" if row.reason or row.status_text else ""
    words = " ".join(part for part in (row.status, row.model, row.label) if part)
    click.echo(f"{row.number:>6}  {words}{fate}{why}")
    names = list(dict.fromkeys((*row.data, *row.old)))
    width = max((len(name) for name in names), default=0)
    for name in names:
        sides = [_shown(side, name) for side in (row.old, row.data) if name in side]
        click.echo(f"        {name.ljust(width)}  {' -> '.join(sides)}")


def row_as_json(row: "BatchRow") -> dict[str, object]:
    """Give a row for programs."""
    names = (
        "number", "status", "status_text", "model", "label", "entry", "record_id", "is_removed",
        "data", "old", "outcome", "reason", "edits",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}


def batch_as_json(batch: "Batch") -> dict[str, object]:
    """Give a batch for programs."""
    names = (
        "number", "key", "description", "status", "status_text", "row_count", "edits",
        "created_by_name", "created_at", "completed_by_name", "approved_by_name", "executed_at",
    )  # fmt: skip
    return {name: getattr(batch, name) for name in names}


def _shown(side: Mapping[str, object], name: str) -> str:
    from poser.cli.output import shown  # noqa: PLC0415 - one line needs it

    value = side[name]
    words = value if value is None or isinstance(value, str) else str(value)
    if isinstance(value, bool):
        words = "yes" if value else "no"
    return shown({name: words}, name)


def _user_id(engine: "Engine", name: str) -> "Any":  # noqa: ANN401 - a UUID
    from sqlalchemy import select  # noqa: PLC0415 - slow

    from poser.db import transaction  # noqa: PLC0415
    from poser.model.users import User  # noqa: PLC0415

    with transaction(engine, read_only=True) as session:
        found = session.scalars(select(User.id).where(User.name == name)).one_or_none()
    if found is None:
        raise PoserError(f"this node has no user {name!r}", hint="`poser user list` shows them")
    return found
