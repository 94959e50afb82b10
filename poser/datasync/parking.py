# SPDX-License-Identifier: Apache-2.0
"""Changes that the database refused: they wait, are tried again, and in the end ask a person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Text, cast, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.datasync.conflicts import as_jsonb
from poser.datasync.reading import Change
from poser.db.refused import refused
from poser.model import DatasyncParked

TRIES = 8
"""After so many tries a person has to decide."""
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)
_PARKED = text("""
SELECT table_name, key FROM datasync_parked
WHERE peer = :peer AND key = ANY (CAST(:keys AS uuid[]))
""")


@dataclass(frozen=True, slots=True)
class Tried:
    """What is known of a change that waited before it was tried once more."""

    tries: int
    first_pos: int
    parked_at: datetime


def pause(tries: int) -> timedelta:
    """Return how long to wait after a number of tries: twice as long after each."""
    doubled: int = 2 ** (min(tries, 12) - 1)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def parked_keys(
    session: Session, peer: str, keys: Collection[tuple[str, UUID]]
) -> set[tuple[str, UUID]]:
    """Return those of these rows that wait already."""
    asked = {"peer": peer, "keys": [str(key) for _, key in keys]}
    found = session.execute(_PARKED, asked)
    return {key for row in found if (key := (row[0], row[1])) in keys}


def wait_behind(session: Session, peer: str, change: Change) -> None:
    """Have a change wait in place of the one of its row that waits already.

    It is another row now, so it is tried soon, also where a person had to decide.
    """
    session.execute(
        update(DatasyncParked)
        .where(
            DatasyncParked.peer == peer,
            DatasyncParked.table_name == change.table,
            DatasyncParked.key == change.key,
        )
        .values(
            data=as_jsonb(change.data),
            base=func.least(DatasyncParked.base, change.base),
            changed_at=change.at,
            last_pos=change.pos,
            tries=1,
            next_try_at=func.now() + FIRST_PAUSE,
        )
    )


def park(
    session: Session, peer: str, change: Change, error: DBAPIError, before: Tried | None
) -> bool:
    """Have a change wait that was refused, for the first time or (`before`) once more.

    Tells whether it is tried again; else a person has to decide.
    """
    tries = before.tries + 1 if before else 1
    session.execute(
        insert(DatasyncParked).values(
            peer=peer,
            table_name=change.table,
            key=change.key,
            data=as_jsonb(change.data),
            base=change.base,
            changed_at=change.at,
            first_pos=before.first_pos if before else change.pos,
            last_pos=change.pos,
            parked_at=before.parked_at if before else func.now(),
            tries=tries,
            next_try_at=func.now() + pause(tries) if tries < TRIES else None,
            error=in_words(session, error),
        )
    )
    return tries < TRIES


def take_due(
    session: Session, peer: str, now: datetime
) -> tuple[list[Change], dict[tuple[str, UUID], Tried]]:
    """Take what is to be tried again now, in the order in which it came, and how it was tried."""
    found = session.execute(
        select(
            DatasyncParked.last_pos,
            DatasyncParked.changed_at,
            DatasyncParked.table_name,
            DatasyncParked.key,
            DatasyncParked.base,
            cast(DatasyncParked.data, Text),
            DatasyncParked.tries,
            DatasyncParked.first_pos,
            DatasyncParked.parked_at,
        )
        .where(DatasyncParked.peer == peer, DatasyncParked.next_try_at <= now)
        .order_by(DatasyncParked.first_pos)
        .with_for_update()
    ).all()
    changes = [Change(*row[:6]) for row in found]
    tried = {(row[2], row[3]): Tried(row[6], row[7], row[8]) for row in found}
    _forget(session, peer, list(tried))
    return changes, tried


def _forget(session: Session, peer: str, rows: Sequence[tuple[str, UUID]]) -> None:
    for table, key in rows:
        session.execute(
            delete(DatasyncParked).where(
                DatasyncParked.peer == peer,
                DatasyncParked.table_name == table,
                DatasyncParked.key == key,
            )
        )


def in_words(session: Session, error: DBAPIError) -> str:
    """Say why the database refused a row, in the words of its rule where it has some."""
    said = refused(error, session.connection())
    return str(said) if said is not None else " ".join(str(error.orig).split())
