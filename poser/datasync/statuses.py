# SPDX-License-Identifier: Apache-2.0
"""How far this node and its peers are in step, and the way that one row went."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from poser.clock import utc_now
from poser.model import DatasyncConflict, DatasyncParked, DatasyncPeer

_BEHIND = text("""
SELECT p.name, count(q.pos), min(q.at)
FROM datasync_peers AS p LEFT JOIN datasync_changes AS q
    ON q.pos > p.sent_pos AND q.origin <> p.name
GROUP BY p.name
""")
_WAY = text("""
SELECT pos, at, origin, data IS NULL FROM datasync_changes
WHERE table_name = :table AND key = :key ORDER BY pos
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerStatus:
    """How far a peer is: seconds and changes it is behind, what of its changes waits here.

    `lag_s` is the age of the oldest change that it has not applied, 0 when it has all. `parked`
    are changes from it that are tried again, `dead` those that a person has to decide about.
    """

    name: str
    kind: str
    state: str
    note: str
    seen_at: datetime | None
    in_step_at: datetime | None
    lag_s: float
    behind: int
    parked: int
    dead: int
    conflicts_open: int
    received: int
    sent: int
    dropped: tuple[str, ...]

    @property
    def needs_somebody(self) -> bool:
        """Whether a person has to act."""
        return bool(self.dead or self.conflicts_open or self.state == "held")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """The queue of this node: its last place, the age of its oldest change in seconds.

    `captured` are changes that are not in it yet: many of them say that the daemon does not run.
    """

    head: int
    oldest_s: float
    captured: int


_QUEUE = text("""
SELECT coalesce((SELECT max(pos) FROM datasync_changes), 0),
    (SELECT extract(epoch FROM now() - at) FROM datasync_changes ORDER BY pos LIMIT 1),
    (SELECT count(*) FROM capture)
""")


def own_queue(session: Session) -> QueueStatus:
    """Return how this node's own queue is."""
    head, oldest, captured = session.execute(_QUEUE).one()
    return QueueStatus(head=head, oldest_s=max(float(oldest or 0), 0.0), captured=captured)


_LAGS = text("""
SELECT p.name, extract(epoch FROM now() - q.at)
FROM datasync_peers AS p LEFT JOIN LATERAL (
    SELECT at FROM datasync_changes WHERE pos > p.sent_pos AND origin <> p.name
    ORDER BY pos LIMIT 1
) AS q ON true
""")


def lags(session: Session) -> dict[str, float]:
    """Return for how many seconds each peer is behind, without counting what it lacks."""
    return {row[0]: max(float(row[1] or 0), 0.0) for row in session.execute(_LAGS)}


def peers(session: Session) -> list[PeerStatus]:
    """Return how far each peer is, by name."""
    now = utc_now()
    behind = {row[0]: (row[1], row[2]) for row in session.execute(_BEHIND)}
    parked = _counted(session, DatasyncParked.next_try_at.is_not(None))
    dead = _counted(session, DatasyncParked.next_try_at.is_(None))
    open_ = select(DatasyncConflict.peer, func.count()).where(DatasyncConflict.is_open)
    conflicts = {row[0]: row[1] for row in session.execute(open_.group_by(DatasyncConflict.peer))}
    found = session.scalars(select(DatasyncPeer).order_by(DatasyncPeer.name))
    return [
        PeerStatus(
            name=one.name,
            kind=one.kind,
            state=one.state,
            note=one.note,
            seen_at=one.seen_at,
            in_step_at=one.in_step_at,
            lag_s=max((now - since).total_seconds(), 0.0) if since is not None else 0.0,
            behind=count,
            parked=parked.get(one.name, 0),
            dead=dead.get(one.name, 0),
            conflicts_open=conflicts.get(one.name, 0),
            received=one.received_pos,
            sent=one.sent_pos,
            dropped=tuple(one.dropped),
        )
        for one in found
        for count, since in [behind[one.name]]
    ]


def _counted(session: Session, condition: object) -> dict[str, int]:
    asked = select(DatasyncParked.peer, func.count()).where(condition)  # type: ignore[arg-type]
    return {row[0]: row[1] for row in session.execute(asked.group_by(DatasyncParked.peer))}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a row on its way: when, and what, in words."""

    at: datetime
    what: str


def way(session: Session, table: str, key: UUID) -> list[Step]:
    """Return what this node knows of the way of a row, oldest first."""
    return sorted(_steps(session, table, key), key=lambda one: one.at)


def _steps(session: Session, table: str, key: UUID) -> Iterator[Step]:
    names = list(session.scalars(select(DatasyncPeer).order_by(DatasyncPeer.name)))
    for pos, at, origin, is_gone in session.execute(_WAY, {"table": table, "key": key}):
        what = "deleted" if is_gone else "written"
        where = f"came from {origin}, {what}" if origin else f"{what} here"
        has = [one.name for one in names if one.sent_pos >= pos and one.name != origin]
        waits = [one.name for one in names if one.sent_pos < pos and one.name != origin]
        told = f"; read by {', '.join(has)}" if has else ""
        told += f"; not yet by {', '.join(waits)}" if waits else ""
        yield Step(at, f"{where}, queued at {pos}{told}")
    parked = select(DatasyncParked).where(
        DatasyncParked.table_name == table, DatasyncParked.key == key
    )
    for one in session.scalars(parked):
        again = one.next_try_at.isoformat(" ", "seconds") if one.next_try_at else "when asked"
        yield Step(
            one.parked_at,
            f"from {one.peer}: refused {one.tries} times, tried again {again}: {one.error}",
        )
    conflicts = select(DatasyncConflict).where(
        DatasyncConflict.table_name == table, DatasyncConflict.key == key
    )
    for conflict in session.scalars(conflicts):
        fields = ", ".join(conflict.fields)
        decided = "waits for a person" if conflict.is_open else f"decided: {conflict.decided_by}"
        yield Step(conflict.at, f"conflict with {conflict.peer} in {fields}; {decided}")
