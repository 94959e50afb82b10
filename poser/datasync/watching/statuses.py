# SPDX-License-Identifier: Apache-2.0
"""How watched systems are, and what people do about them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from poser.model import WatchedChange

_STATUSES = text("""
SELECT w.name, w.is_paused, w.note, w.looked_at, w.failed_at,
    (SELECT count(*) FROM datasync_watched_records AS r WHERE r.watched = w.name),
    count(c.id) FILTER (WHERE c.tries = 0), count(c.id) FILTER (WHERE c.tries > 0),
    count(c.id) FILTER (WHERE c.next_try_at IS NULL)
FROM datasync_watched AS w LEFT JOIN datasync_watched_changes AS c ON c.watched = w.name
GROUP BY w.name ORDER BY w.name
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedStatus:
    """One watched system: records known, changes that wait, were refused, ask for a person.

    `dead` are among the `refused`.
    """

    name: str
    is_paused: bool
    note: str
    looked_at: datetime | None
    failed_at: datetime | None
    records: int
    waiting: int
    refused: int
    dead: int

    @property
    def needs_somebody(self) -> bool:
        """Whether a person has to act."""
        return bool(self.dead)


def watched(session: Session) -> list[WatchedStatus]:
    """Return how each system is that was ever looked at, by name."""
    names = WatchedStatus.__dataclass_fields__
    return [
        WatchedStatus(**dict(zip(names, row, strict=True))) for row in session.execute(_STATUSES)
    ]


def refused(session: Session, name: str = "") -> list[WatchedChange]:
    """Return the changes that were refused, those first that ask for a person."""
    asked = select(WatchedChange).where(WatchedChange.tries > 0)
    if name:
        asked = asked.where(WatchedChange.watched == name)
    order = (WatchedChange.next_try_at.is_not(None), WatchedChange.pos)
    return list(session.scalars(asked.order_by(*order)))


def retry(session: Session, ids: Collection[UUID] = ()) -> int:
    """Have refused changes tried at once, all or some; returns how many."""
    asked = update(WatchedChange).where(WatchedChange.tries > 0)
    if ids:
        asked = asked.where(WatchedChange.id.in_(ids))
    done = session.execute(asked.values(next_try_at=func.now(), tries=1))
    return int(done.rowcount)  # type: ignore[attr-defined]


def drop(session: Session, key: UUID) -> str:
    """Give a refused change up; returns what it was, empty for one that does not wait.

    The record is not looked at again before it changes there once more.
    """
    gone = session.execute(
        delete(WatchedChange)
        .where(WatchedChange.id == key)
        .returning(WatchedChange.model, WatchedChange.key, WatchedChange.watched)
    ).first()
    return f"{gone[0]} {gone[1]} from {gone[2]}" if gone else ""
