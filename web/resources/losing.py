# SPDX-License-Identifier: Apache-2.0
"""What a deletion would lose for good: rows of tables whose history is not kept.

Everything else comes back with one click, so nobody is asked whether they are sure.
"""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.orm import Session

from poser.model.history import RecordedTable

_DEEPEST = 4


def lost_for_good(session: Session, table: Table, key: UUID) -> dict[str, int]:
    """Count by table the rows that would go with a record and that no history would have."""
    kept = set(session.scalars(select(RecordedTable.name).where(RecordedTable.is_history_on)))
    found: dict[str, int] = {}
    for gone, condition in _going(table, table.c.id == key, _DEEPEST):
        if gone.name not in kept:
            many = session.execute(select(func.count()).select_from(gone).where(condition)).scalar()
            if many:
                found[gone.name] = found.get(gone.name, 0) + many
    return found


def _going(
    table: Table, condition: ColumnElement[bool], depth: int
) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Go through what the database deletes together with some rows."""
    yield table, condition
    if not depth:
        return
    for other in table.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is table and key.ondelete == "CASCADE" and other is not table:
                rows = select(key.column).where(condition)
                yield from _going(other, key.parent.in_(rows), depth - 1)
