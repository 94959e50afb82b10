# SPDX-License-Identifier: Apache-2.0
"""Connections of the owner of a database, who changes its schema: alone, and not for long.

While one of them works, an advisory lock keeps a second one out, and no statement waits
longer than four seconds for a lock, so that an upgrade cannot queue up the whole shop
behind it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from poser.db.engines import engine
from poser.db.transactions import unavailable
from poser.errors import PoserError, Unavailable

LOCK_TIMEOUT_MS = 4_000
_ADVISORY_LOCK = 7_076_737  # any number, the same in every release
_LOCK_NOT_AVAILABLE = "55P03"
_NO_RIGHT = "42501"


@contextmanager
def connected(database: str, url: str) -> Iterator[Connection]:
    """Connect to a database to look at its schema or to change it.

    Raises Unavailable if it does not answer or a lock cannot be had, and PoserError for
    what PostgreSQL refuses inside the block.
    """
    owner = engine(
        url,
        application="poser db",
        pool_size=1,
        statement_timeout_ms=0,
        lock_timeout_ms=LOCK_TIMEOUT_MS,
        idle_timeout_ms=0,
    )
    try:
        try:
            connection = owner.connect()
        except OperationalError as error:
            raise unavailable(owner, error) from error
        with connection:
            try:
                yield connection
            except DBAPIError as error:
                raise _failed(database, connection, error) from error
    finally:
        owner.dispose()


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Hold the advisory lock that keeps a second upgrade of the same database out."""
    try:
        connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": _ADVISORY_LOCK})
        connection.commit()
    except DBAPIError as error:
        connection.rollback()
        raise Unavailable(
            f"another upgrade of database {connection.engine.url.database!r} is running",
            hint=_blockers(connection) or "wait until it has ended and run this again",
        ) from error
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": _ADVISORY_LOCK})
        connection.commit()


def _failed(database: str, connection: Connection, error: DBAPIError) -> PoserError:
    """Say why a revision failed; a lock that could not be had is worth another try."""
    connection.rollback()
    words = " ".join(str(error.orig).split())
    if getattr(error.orig, "pgcode", "") == _LOCK_NOT_AVAILABLE:
        return Unavailable(
            f"database {database}: a table was locked for more than {LOCK_TIMEOUT_MS // 1000} s:"
            f" {words}",
            hint=_blockers(connection) or "run this again",
        )
    if getattr(error.orig, "pgcode", "") == _NO_RIGHT:
        return PoserError(
            f"database {database}: {words}",
            hint="only its owner may change it: on a node run `sudo poser db ...`",
        )
    return PoserError(
        f"database {database}: a revision failed and was undone: {words}",
        hint="`poser --debug db upgrade` shows the statement",
    )


def _blockers(connection: Connection) -> str:
    """Name the other sessions of this database that are inside a transaction."""
    found = connection.execute(
        text(
            "SELECT pid, coalesce(nullif(application_name, ''), 'a program without a name'),"
            " extract(epoch FROM clock_timestamp() - coalesce(xact_start, backend_start))::int"
            " FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND (xact_start IS NOT NULL"
            "  OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted))"
            " ORDER BY xact_start NULLS LAST LIMIT 3"
        )
    ).all()
    connection.rollback()
    who = ", ".join(f"{name} (pid {pid}, for {seconds} s)" for pid, name, seconds in found)
    return f"these are at work in it: {who}; end them or run this again" if who else ""
