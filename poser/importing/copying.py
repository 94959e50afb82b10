# SPDX-License-Identifier: Apache-2.0
"""Writing many rows at the speed of PostgreSQL's COPY."""

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TYPE_CHECKING, cast

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class with a small name

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def as_text(value: object) -> str:
    r"""Write one value as COPY reads it: None as \N, the rest as its own text, escaped."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    return str(value)


def as_line(values: Iterable[object]) -> str:
    """Write one row as a line that COPY reads."""
    return "\t".join(map(as_text, values))


def cursor_of(session: Session) -> "Cursor":
    """Give psycopg2's own cursor on the connection of a session, in its transaction."""
    # Engines are made for psycopg2 alone (poser.db.engines).
    return cast("Cursor", session.connection().connection.cursor())


def copy_lines(session: Session, table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Write rows, given as lines of `as_line`, into a table. All or none of them."""
    names = ", ".join(f'"{name}"' for name in columns)
    text = "".join(f"{line}\n" for line in lines)
    if text:
        with cursor_of(session) as cursor:
            cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', StringIO(text))
