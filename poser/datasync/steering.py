# SPDX-License-Identifier: Apache-2.0
"""What people do about datasync: pause a peer, try again, drop what cannot be applied, touch."""

import logging
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from poser.datasync.conflicts import as_jsonb
from poser.datasync.declared import synced
from poser.datasync.watching import statuses as watching
from poser.datasync.writing import touch
from poser.errors import PoserError
from poser.model import (
    DatasyncConflict,
    DatasyncParked,
    DatasyncPeer,
    PeerState,
    PushedSystem,
    WatchedSystem,
)

DROPPED = "dropped"
log = logging.getLogger(__name__)


def pause(session: Session, name: str, why: str) -> None:
    """Let nothing go to or from a peer, or a watched system, until `resume`; nothing is lost.

    Raises PoserError for a name that neither has.
    """
    _set(session, name, PeerState.PAUSED, why)


def resume(session: Session, name: str) -> None:
    """Let changes go to and from a peer again, or watch a system again."""
    _set(session, name, PeerState.ACTIVE, "")


def _set(session: Session, name: str, state: PeerState, note: str) -> None:
    one = session.get(WatchedSystem, name) or session.get(PushedSystem, name)
    if one is not None:
        one.is_paused, one.note = state is PeerState.PAUSED, note
        return
    changed = session.execute(
        update(DatasyncPeer).where(DatasyncPeer.name == name).values(state=state, note=note)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        known = ", ".join(session.scalars(select(DatasyncPeer.name).order_by(DatasyncPeer.name)))
        raise PoserError(
            f"{name} is no node that this one is kept in step with",
            hint=f"those are: {known}" if known else "this node has no peers",
        )


def parked(session: Session) -> list[DatasyncParked]:
    """Return what waits, what a person has to decide about first."""
    return list(
        session.scalars(
            select(DatasyncParked).order_by(
                DatasyncParked.next_try_at.is_not(None), DatasyncParked.parked_at
            )
        )
    )


def retry(session: Session, ids: Collection[UUID] = ()) -> int:
    """Have changes tried at once that wait, all or some; returns how many."""
    asked = update(DatasyncParked).values(next_try_at=func.now(), tries=1)
    if ids:
        asked = asked.where(DatasyncParked.id.in_(ids))
    count = int(session.execute(asked).rowcount)  # type: ignore[attr-defined]
    return count + watching.retry(session, ids)


def drop(session: Session, key: UUID, why: str) -> str:
    """Give a change up that waits, and keep a record of it and why; returns what it was.

    Rows that only the host may change are then otherwise here than there, as `verify` says.
    Raises PoserError for one that does not wait.
    """
    one = session.get(DatasyncParked, key)
    if one is None and (dropped := watching.drop(session, key)):
        log.warning("%s was given up: %s", dropped, why)
        return dropped
    if one is None:
        raise PoserError(
            f"nothing waits under the id {key}", hint="poser datasync parked, or watched"
        )
    data = session.execute(
        text("SELECT CAST(data AS text) FROM datasync_parked WHERE id = :id"), {"id": key}
    ).scalar()
    session.execute(
        insert(DatasyncConflict).values(
            peer=one.peer,
            table_name=one.table_name,
            key=one.key,
            theirs=as_jsonb(data),
            decided_by=f"{DROPPED}: {why}",
        )
    )
    session.execute(delete(DatasyncParked).where(DatasyncParked.id == key))
    return f"{one.table_name} {one.key} from {one.peer}"


def touch_rows(session: Session, table: str, keys: Sequence[UUID] = ()) -> int:
    """Have rows of a table sent again as they are, all or some; returns how many.

    Raises PoserError for a table that is not kept in step.
    """
    if table not in synced():
        raise PoserError(
            f"{table} is not kept in step", hint=f"these tables are: {', '.join(synced())}"
        )
    found = session.execute(
        text(
            f"SELECT id FROM {table} WHERE :all OR id = ANY (CAST(:keys AS uuid[]))"  # noqa: S608
        ),
        {"all": not keys, "keys": [str(key) for key in keys]},
    )
    rows = [(table, key) for key in found.scalars()]
    touch(session, rows)
    return len(rows)
