# SPDX-License-Identifier: Apache-2.0
"""Conflicts that a person settles: what is taken is written at the host and goes to all nodes.

Until then the host's values hold everywhere (`Policy.REVIEW`), so keeping ours writes nothing.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from poser.datasync.conflicts import NO_CONFLICT
from poser.datasync.declared import Synced, synced
from poser.datasync.writing import rows_now
from poser.errors import PoserError
from poser.model import DatasyncConflict

WHOLE = "id"
"""What stands for the fields of a conflict between a row that was changed and one that is gone."""

_THEIRS = "(SELECT r.* FROM datasync_conflicts AS c, jsonb_populate_record(NULL::{table}, c.theirs)"
_THEIRS += " AS r WHERE c.id = :id)"


def conflicts(
    session: Session, *, only_open: bool = False, limit: int | None = None
) -> list[DatasyncConflict]:
    """Return conflicts, those that wait for a person first, then the newest."""
    asked = select(DatasyncConflict).order_by(
        DatasyncConflict.is_open.desc(), DatasyncConflict.at.desc(), DatasyncConflict.id.desc()
    )
    if only_open:
        asked = asked.where(DatasyncConflict.is_open)
    return list(session.scalars(asked.limit(limit)))


def resolve(session: Session, key: UUID, *, theirs: Collection[str], by: str) -> str:
    """Settle an open conflict: take some fields of the other node, leave the rest as it is here.

    `theirs` are of the conflict's fields; all of them takes the other node's side. `by` is the
    name of who decided. Returns what the conflict was about, in words. Raises PoserError for a
    conflict that is not open (any more), for other fields, and when the row is gone meanwhile;
    what the database refuses passes as it is.
    """
    asked = select(DatasyncConflict).where(DatasyncConflict.id == key).with_for_update()
    found = session.scalars(asked).one_or_none()
    if found is None or not found.is_open:
        raise PoserError(
            f"no open conflict has the id {key}",
            hint="somebody may have settled it already",
        )
    if wrong := sorted(set(theirs) - set(found.fields)):
        raise PoserError(
            f"the conflict is not about {', '.join(wrong)}",
            hint=f"it is about {', '.join(found.fields)}",
        )
    if theirs:
        _take(session, found, theirs)
    found.is_open = False
    found.decided_by = by
    found.result = _row(session, synced()[found.table_name], found.key)
    session.flush()
    return f"{found.table_name} {found.key}"


def differing(conflict: DatasyncConflict) -> list[str]:
    """Name the fields in which both sides differ, those in conflict first, as people compare."""
    ours, theirs = conflict.ours or {}, conflict.theirs or {}
    names = sorted(
        name
        for name in {*ours, *theirs} - NO_CONFLICT - set(conflict.fields)
        if ours.get(name) != theirs.get(name)
    )
    return [*(name for name in conflict.fields if name != WHOLE), *names]


def _take(session: Session, found: DatasyncConflict, fields: Collection[str]) -> None:
    table = synced()[found.table_name]
    if WHOLE not in fields:
        changed = _write(session, table, found, [f for f in table.columns if f in fields])
    elif found.theirs is None:
        changed = _done(session, f"DELETE FROM {table.name} WHERE id = :key", found)  # noqa: S608
    elif _row(session, table, found.key) is None:
        changed = _bring_back(session, table, found)
    else:
        changed = _write(session, table, found, [f for f in table.columns if f not in NO_CONFLICT])
    if not changed:
        raise PoserError(
            f"{table.name} {found.key} is gone meanwhile", hint="keep it so, and take ours"
        )


def _write(session: Session, table: Synced, found: DatasyncConflict, fields: list[str]) -> int:
    values = ", ".join(f"{name} = r.{name}" for name in fields)
    now = ", modified_at = now()" if "modified_at" in table.columns else ""
    theirs = _THEIRS.format(table=table.name)
    return _done(
        session,
        f"UPDATE {table.name} AS t SET {values}{now} FROM {theirs} AS r WHERE t.id = :key",  # noqa: S608
        found,
    )


def _bring_back(session: Session, table: Synced, found: DatasyncConflict) -> int:
    names = ", ".join(table.columns)
    values = ", ".join(f"r.{name}" for name in table.columns)
    theirs = _THEIRS.format(table=table.name)
    return _done(
        session,
        f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {theirs} AS r"  # noqa: S608
        " WHERE r.id = :key",
        found,
    )


def _done(session: Session, statement: str, found: DatasyncConflict) -> int:
    """Run a statement about the conflict's row; names in it are of the code."""
    values = {"key": found.key, "id": found.id}
    asked = {name: value for name, value in values.items() if f":{name}" in statement}
    return int(session.execute(text(statement), asked).rowcount)  # type: ignore[attr-defined]


def _row(session: Session, table: Synced, key: UUID) -> dict[str, object] | None:
    return rows_now(session, table, [key]).get(key)
