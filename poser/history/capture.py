# SPDX-License-Identifier: Apache-2.0
"""Taking captured changes: which rows changed, in order, without losing one.

A reader that remembers the last number it saw loses changes: numbers are given when a row
is written and seen when its transaction commits, so a lower one can appear after a higher
one. Taking deletes what it returns, in the caller's transaction, and so needs to remember
nothing. Two changes of one row are never taken in the wrong order: the second writer waits
for the first one's lock on the row, so its number is higher and its commit later.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_ONE_READER = 7_076_738  # any number, the same in every release
_TAKE = text("""
WITH taken AS (
    DELETE FROM capture WHERE id IN (SELECT id FROM capture ORDER BY id LIMIT :limit)
    RETURNING id, table_id, key, operation, origin
)
SELECT taken.id, recorded_tables.name, key, operation, origin
FROM taken JOIN recorded_tables ON recorded_tables.id = table_id ORDER BY taken.id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """That a row changed; what it is now, or that it is gone, its table says.

    `operation` is insert, update or delete. `origin` is the node that the change came from,
    empty when it was made here. An update that changed nothing is captured, too: touching a
    row is the way to have it sent again.
    """

    number: int
    table: str
    key: UUID
    operation: str
    origin: str


def take(session: Session, *, limit: int = 10_000) -> list[Captured]:
    """Take up to `limit` changes, oldest first; they are gone when the caller commits.

    A second reader waits until the first has committed. If the caller rolls back, the same
    changes are there for the next one.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ONE_READER})
    rows = session.execute(_TAKE, {"limit": limit})
    return [
        Captured(number=row[0], table=row[1], key=row[2], operation=row[3], origin=row[4])
        for row in rows
    ]


def waiting(session: Session) -> int:
    """Count the changes that nobody has taken yet."""
    found: int = session.execute(text("SELECT count(*) FROM capture")).scalar_one()
    return found
