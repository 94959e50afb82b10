# SPDX-License-Identifier: Apache-2.0
"""The SQL that an upgrade would run: it is run, written down, and taken back.

Revisions may look at the database to know what to do, such as which partitions to make, so
their SQL cannot be told without running them. Locks are held while that lasts.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from alembic import command
from sqlalchemy import Connection, event

from poser.db.branches import Phase, branches
from poser.db.migrations import run, status_of, to_run
from poser.db.owning import LOCK_TIMEOUT_MS, alone, connected
from poser.extensions.packages import Extension

_LOOKS = re.compile(
    r"\s*(SELECT\b.*\bFROM\s+(pg_|alembic_version|unnest)|SHOW\b)", re.IGNORECASE | re.DOTALL
)
"""Statements that only ask the catalog; what they found is in those after them."""


def sql_of_upgrade(
    database: str,
    url: str,
    phase: Phase = Phase.ALL,
    *,
    extensions: Sequence[Extension] = (),
) -> str:
    """Write the SQL that `upgrade` would run now, as psql takes it; nothing is changed.

    Each revision is a transaction, as when it runs. Raises what `upgrade` raises.
    """
    known = branches(database, extensions)
    parts = []
    with connected(database, url) as connection, alone(connection):
        todo = to_run(status_of(database, known, connection), known, phase)
        connection.begin()
        for branch, revision in todo:
            with _written(connection) as statements:
                run(command.upgrade, branch, connection, revision.id, take_back=True)
            body = "".join(f"{statement.strip().rstrip(';')};\n" for statement in statements)
            parts.append(f"-- {revision.id}: {revision.what}\nBEGIN;\n{body}COMMIT;\n")
        connection.rollback()
    return "\n".join((f"SET lock_timeout = {LOCK_TIMEOUT_MS};\n", *parts)) if parts else ""


@contextmanager
def _written(connection: Connection) -> Iterator[list[str]]:
    """Collect the statements that change something, with their values in them."""
    statements: list[str] = []

    def write(
        _connection: Connection,
        cursor: Any,  # noqa: ANN401 - psycopg2 ships no types
        statement: str,
        values: Any,  # noqa: ANN401 - one set of values, or a list of them
        _context: object,
        executemany: bool,  # noqa: FBT001 - SQLAlchemy's signature
    ) -> None:
        if not _LOOKS.match(statement):
            each = values if executemany else (values,)
            statements.extend(cursor.mogrify(statement, one).decode() for one in each)

    event.listen(connection, "before_cursor_execute", write)
    try:
        yield statements
    finally:
        event.remove(connection, "before_cursor_execute", write)
