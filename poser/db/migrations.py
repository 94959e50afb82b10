# SPDX-License-Identifier: Apache-2.0
"""Bringing a database's schema to what this release needs, and telling how far it is.

Each database has its own line of revisions in `migrations/versions/<database>/`; one
environment runs them all. A revision is one transaction. While an upgrade runs, an
advisory lock keeps a second one out, and no statement waits longer than four seconds
for a lock, so that an upgrade cannot queue up the whole shop behind it.
"""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from poser.databases import DATABASES
from poser.db.engines import engine
from poser.db.transactions import unavailable
from poser.errors import PoserError, Unavailable

LOCK_TIMEOUT_MS = 4_000
_ADVISORY_LOCK = 7_076_737  # any number, the same in every release
_LOCK_NOT_AVAILABLE = "55P03"
_NO_RIGHT = "42501"


class Phase(StrEnum):
    """Which revisions to run: those before the new code, or all up to the newest."""

    PRE = "pre"
    ALL = "all"


class State(StrEnum):
    """How a database's schema stands to this release."""

    CURRENT = "current"
    BEHIND = "behind"
    EMPTY = "empty"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where one database is: its revision, this release's newest, and those in between."""

    database: str
    state: State
    current: tuple[str, ...]
    heads: tuple[str, ...]
    pending: tuple[str, ...]


def heads(database: str) -> tuple[str, ...]:
    """Name the newest revisions of this release; needs no database."""
    return tuple(sorted(_scripts(database).get_heads()))


def status(database: str, url: str) -> Status:
    """Look how far a database is. Raises Unavailable if it does not answer."""
    with _connected(database, url) as connection:
        return _status(database, connection)


def upgrade(database: str, url: str, phase: Phase = Phase.ALL) -> list[str]:
    """Run the revisions that a database lacks and return their names, oldest first.

    Raises Unavailable if the database does not answer or a lock cannot be had (what was
    done before that stays, and the next run continues), and PoserError if the database
    is from a newer release or a revision fails (that revision leaves nothing behind).
    """
    with _connected(database, url) as connection, _alone(connection):
        before = _status(database, connection)
        if before.state is State.UNKNOWN:
            raise PoserError(
                f"database {database} is at revision {', '.join(before.current)}, which this"
                " release does not know",
                hint="a newer release wrote it: install that release or a later one",
            )
        todo = _of_phase(database, before.pending, phase)
        if todo:
            command.upgrade(_config(database, connection), todo[-1])
        return todo


def downgrade(database: str, url: str, revision: str) -> None:
    """Undo revisions down to `revision` (`base` for all); what they held is lost."""
    with _connected(database, url) as connection, _alone(connection):
        command.downgrade(_config(database, connection), revision)


def _folder() -> Path:
    spec = importlib.util.find_spec("migrations")
    if spec is None or spec.origin is None:
        raise PoserError(
            "the package `migrations` is not installed",
            hint="run from the checkout, or install the release again",
        )
    return Path(spec.origin).parent


def _config(database: str, connection: Connection | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    versions = str(_folder() / "versions" / database).replace("%", "%%")
    config.set_main_option("version_locations", versions)
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    return config


def _scripts(database: str) -> ScriptDirectory:
    if database not in DATABASES:
        raise PoserError(
            f"there is no database {database!r}", hint=f"one of {', '.join(DATABASES)}"
        )
    return ScriptDirectory.from_config(_config(database))


def _status(database: str, connection: Connection) -> Status:
    scripts = _scripts(database)
    current = tuple(sorted(MigrationContext.configure(connection).get_current_heads()))
    connection.rollback()
    newest = tuple(sorted(scripts.get_heads()))
    try:
        todo = [
            script.revision
            for script in scripts.iterate_revisions("heads", current or "base")
            if script.revision not in current
        ]
    except (CommandError, RevisionError):
        return Status(
            database=database, state=State.UNKNOWN, current=current, heads=newest, pending=()
        )
    behind = State.BEHIND if current else State.EMPTY
    return Status(
        database=database,
        state=behind if todo else State.CURRENT,
        current=current,
        heads=newest,
        pending=tuple(reversed(todo)),
    )


def _of_phase(database: str, pending: tuple[str, ...], phase: Phase) -> list[str]:
    """Cut the revisions before the first one that must run after the new code."""
    if phase is Phase.ALL:
        return list(pending)
    scripts = _scripts(database)
    todo = []
    for revision in pending:
        script = scripts.get_revision(revision)
        if script is None or script.module.phase != Phase.PRE:
            break
        todo.append(revision)
    return todo


@contextmanager
def _connected(database: str, url: str) -> Iterator[Connection]:
    connected = engine(
        url,
        application="poser db upgrade",
        pool_size=1,
        statement_timeout_ms=0,
        lock_timeout_ms=LOCK_TIMEOUT_MS,
        idle_timeout_ms=0,
    )
    try:
        try:
            connection = connected.connect()
        except OperationalError as error:
            raise unavailable(connected, error) from error
        with connection:
            try:
                yield connection
            except DBAPIError as error:
                raise _failed(database, connection, error) from error
    finally:
        connected.dispose()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
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
            hint="only its owner may change it: on a node run `sudo poser db upgrade`",
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
