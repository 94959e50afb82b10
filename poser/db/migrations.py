# SPDX-License-Identifier: Apache-2.0
"""Bringing a database's schema to what this release needs, and telling how far it is.

Each database has its own branch of revisions in `migrations/versions/<database>/`, and
extensions add theirs to `poser`; one environment runs them all. A revision is one
transaction. See poser.db.branches and poser.db.owning.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from alembic import command
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from poser.db.branches import Branch, Phase, Revision, alembic_config, branches, version_table
from poser.db.owning import LOCK_TIMEOUT_MS, alone, connected
from poser.errors import PoserError
from poser.extensions.packages import Extension

__all__ = ["LOCK_TIMEOUT_MS", "Phase", "State", "Status", "heads", "status", "upgrade"]

Todo = list[tuple[Branch, Revision]]
Progress = Callable[[Revision, int, int], None]
"""Is told that a revision begins: which, its number in this run, and of how many."""


class State(StrEnum):
    """How a database's schema stands to this release."""

    CURRENT = "current"
    BEHIND = "behind"
    EMPTY = "empty"
    UNKNOWN = "unknown"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchStatus:
    """Where one branch is; one that is LEFT belongs to an extension that nothing names."""

    name: str
    state: State
    current: str | None
    head: str | None
    pending: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where one database is: its revisions, this release's newest, and those in between.

    `current`, `heads` and `pending` are those of all its branches together; what extensions
    left behind is in `branches` only, and does not count in `state`.
    """

    database: str
    state: State
    current: tuple[str, ...]
    heads: tuple[str, ...]
    pending: tuple[str, ...]
    branches: tuple[BranchStatus, ...]


def heads(database: str, extensions: Sequence[Extension] = ()) -> tuple[str, ...]:
    """Name the newest revision of each branch of this release; needs no database."""
    return tuple(sorted(branch.head for branch in branches(database, extensions)))


def status(database: str, url: str, extensions: Sequence[Extension] = ()) -> Status:
    """Look how far a database is. Raises Unavailable if it does not answer."""
    known = branches(database, extensions)
    with connected(database, url) as connection:
        return status_of(database, known, connection)


def upgrade(
    database: str,
    url: str,
    phase: Phase = Phase.ALL,
    *,
    extensions: Sequence[Extension] = (),
    report: Progress | None = None,
) -> list[str]:
    """Run the revisions that a database lacks and return their names in the order they ran.

    Raises Unavailable if the database does not answer or a lock cannot be had (what was
    done before that stays, and the next run continues), and PoserError if the database
    is from a newer release or a revision fails (that revision leaves nothing behind).
    """
    known = branches(database, extensions)
    with connected(database, url) as connection, alone(connection):
        todo = to_run(status_of(database, known, connection), known, phase)
        for number, (branch, revision) in enumerate(todo, start=1):
            if report:
                report(revision, number, len(todo))
            run(command.upgrade, branch, connection, revision.id)
        return [revision.id for _, revision in todo]


def status_of(database: str, known: Sequence[Branch], connection: Connection) -> Status:
    """Look how far a database is, over an open connection."""
    rows = _versions(connection)
    found = [_branch_status(branch, rows.pop(branch.version_table, ())) for branch in known]
    names = {branch.name for branch in known}
    left = [
        BranchStatus(name=name, state=State.LEFT, current=ids[0], head=None, pending=())
        for table, ids in sorted(rows.items())
        if ids and (name := table.removeprefix(f"{version_table(None)}_")) not in names
    ]
    return Status(
        database=database,
        state=_together(found),
        current=tuple(sorted(one.current for one in found if one.current)),
        heads=tuple(sorted(branch.head for branch in known)),
        pending=tuple(name for one in found for name in one.pending),
        branches=(*found, *left),
    )


def current_of(branch: Branch, connection: Connection) -> str | None:
    """Return the newest revision of a branch that a database has."""
    found = _versions(connection).get(branch.version_table, ())
    return found[0] if found else None


def run(
    verb: Callable[..., None],
    branch: Branch,
    connection: Connection,
    revision: str,
    *,
    take_back: bool = False,
) -> None:
    """Let Alembic do something with a branch.

    With `take_back`, nothing is committed: the caller is in a transaction, and undoes it.
    """
    config = alembic_config(branch.folder)
    config.attributes.update(
        connection=connection,
        version_table=branch.version_table,
        protects=branch.extension is not None,
    )
    verb(config, revision)
    if not take_back:
        connection.commit()


def _versions(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Read all tables of versions there are: their names, and the revisions in them."""
    tables = connection.execute(
        text(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = current_schema()::regnamespace"
            " AND (relname = :core OR starts_with(relname, :core || '_'))"
        ),
        {"core": version_table(None)},
    ).scalars()
    found = {
        table: MigrationContext.configure(
            connection, opts={"version_table": table}
        ).get_current_heads()
        for table in tables.all()
    }
    connection.rollback()
    return found


def _branch_status(branch: Branch, rows: tuple[str, ...]) -> BranchStatus:
    current = ", ".join(rows) or None
    if current and current not in branch.ids:
        return BranchStatus(
            name=branch.name, state=State.UNKNOWN, current=current, head=branch.head, pending=()
        )
    pending = tuple(revision.id for revision in branch.after(current))
    behind = State.BEHIND if current else State.EMPTY
    return BranchStatus(
        name=branch.name,
        state=behind if pending else State.CURRENT,
        current=current,
        head=branch.head,
        pending=pending,
    )


def _together(found: Sequence[BranchStatus]) -> State:
    """Say how a database is as a whole: its own branch first, then what extensions lack."""
    own = found[0].state
    states = {one.state for one in found}
    if State.UNKNOWN in states:
        return State.UNKNOWN
    if own is State.CURRENT and states != {State.CURRENT}:
        return State.BEHIND
    return own


def to_run(found: Status, known: Sequence[Branch], phase: Phase) -> Todo:
    """List what to run, in order: Poser's own revisions, then those of each extension."""
    by_name = {one.name: one for one in found.branches}
    for one in found.branches:
        if one.state is State.UNKNOWN:
            what = f"database {found.database}" if one is found.branches[0] else one.name
            raise PoserError(
                f"{what} is at revision {one.current}, which this release does not know",
                hint="a newer release wrote it: install that release or a later one",
            )
    applied: set[str] = set()
    todo: Todo = []
    for branch in known:
        waiting = branch.after(by_name[branch.name].current)
        applied.update(branch.ids[: len(branch.ids) - len(waiting)])
        for revision in waiting:
            late = phase is Phase.PRE and revision.phase != Phase.PRE
            if late or (revision.needs and revision.needs not in applied):
                break
            applied.add(revision.id)
            todo.append((branch, revision))
    return todo


def downgrade(
    database: str,
    url: str,
    revision: str,
    *,
    branch: str = "",
    extensions: Sequence[Extension] = (),
    report: Progress | None = None,
) -> list[str]:
    """Undo revisions down to `revision` (`base` for all); what they held is lost.

    `branch` is an extension's name to undo only its own. Returns what was undone, in that
    order. Raises PoserError for a revision that the database does not have.
    """
    known = branches(database, extensions)
    with connected(database, url) as connection, alone(connection):
        todo = to_undo(database, known, connection, branch or database, revision)
        for number, (each, gone) in enumerate(todo, start=1):
            if report:
                report(gone, number, len(todo))
            run(command.downgrade, each, connection, gone.after or "base")
        return [gone.id for _, gone in todo]


def to_undo(
    database: str, known: Sequence[Branch], connection: Connection, branch: str, revision: str
) -> Todo:
    """List what must be undone to bring a branch down to `revision`, in the order of undoing.

    Revisions of extensions that need what goes are undone first.
    """
    applied = {each.name: _applied(each, connection) for each in known}
    own = next((each for each in known if each.name == branch), None)
    if own is None:
        raise PoserError(
            f"database {database} has no branch {branch!r}",
            hint=f"one of {', '.join(each.name for each in known)}",
        )
    mine = applied[branch]
    ids = [each.id for each in mine]
    if revision != "base" and revision not in ids:
        raise PoserError(
            f"{branch} cannot go down to {revision!r}: it is at {(ids or ['nothing'])[-1]}",
            hint=f"one of {', '.join(('base', *ids[:-1]))}",
        )
    going = mine[ids.index(revision) + 1 if revision != "base" else 0 :]
    gone = {each.id for each in going}
    todo: Todo = [(own, each) for each in reversed(going)]
    for other in known:
        first = next((n for n, one in enumerate(applied[other.name]) if one.needs in gone), None)
        if first is not None:
            dependent = applied[other.name][first:]
            gone.update(each.id for each in dependent)
            todo[:0] = [(other, each) for each in reversed(dependent)]
    return todo


def _applied(branch: Branch, connection: Connection) -> tuple[Revision, ...]:
    current = current_of(branch, connection)
    if current is None:
        return ()
    if current not in branch.ids:
        raise PoserError(
            f"{branch.name} is at revision {current}, which this release does not know",
            hint="only the release that wrote it can undo it",
        )
    return branch.revisions[: branch.ids.index(current) + 1]
