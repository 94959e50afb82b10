# SPDX-License-Identifier: Apache-2.0
"""Who makes a change, and from where: told to PostgreSQL, which keeps it with the history.

The edge of a program says it once (`with authored(...)`, or `transaction(author=...)`),
whatever writes inside need not know. A program that says nothing, such as psql, is kept
by the name of its database role and its application name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, text


class Source(StrEnum):
    """The ways by which changes come in; a feature of an extension may bring others."""

    WEB = "web"
    COMMAND = "command"
    IMPORT = "import"
    SYNC = "sync"
    SQL = "sql"  # kept when nobody said anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who makes a change.

    `source` is one of `Source` or a word of an extension. `user_name` is a copy, kept when
    the user is gone. `via` is the command line, the import run or the peer; `address` the
    network address of a browser; `comment` what a person says about it; `origin` the node
    that a change came from, empty when it is made here.
    """

    source: str
    user_id: UUID | None = None
    user_name: str = ""
    address: str = ""
    via: str = ""
    comment: str = ""
    origin: str = ""


AUTHOR: ContextVar[Author | None] = ContextVar("AUTHOR", default=None)
"""Who makes the changes of this thread or task, when the transaction names nobody."""

# One statement; NUL cannot be in a setting. Local to the transaction, and undone with it.
_TELL = text(
    "SELECT set_config('poser.source', :source, true),"
    " set_config('poser.user_id', :user_id, true),"
    " set_config('poser.user_name', :user_name, true),"
    " set_config('poser.address', :address, true),"
    " set_config('poser.via', :via, true),"
    " set_config('poser.comment', :comment, true),"
    " set_config('poser.origin', :origin, true)"
)


@contextmanager
def authored(author: Author) -> Iterator[None]:
    """Name the author of all transactions that are opened inside."""
    before = AUTHOR.set(author)
    try:
        yield
    finally:
        AUTHOR.reset(before)


def tell(connection: Connection, author: Author | None = None) -> None:
    """Tell PostgreSQL who makes the changes of the running transaction.

    Without `author` that is the one of `authored`; does nothing where there is none.
    """
    who = author or AUTHOR.get()
    if who is None:
        return
    connection.execute(
        _TELL,
        {
            "source": _kept(who.source),
            "user_id": str(who.user_id or ""),
            "user_name": _kept(who.user_name),
            "address": _kept(who.address),
            "via": _kept(who.via),
            "comment": _kept(who.comment),
            "origin": _kept(who.origin),
        },
    )


def _kept(words: str) -> str:
    """Drop what PostgreSQL has no place for in a text."""
    return words.replace("\0", "").encode("utf-8", "replace").decode()
