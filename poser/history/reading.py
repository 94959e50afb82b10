# SPDX-License-Identifier: Apache-2.0
"""Reading the history: of a record, of a transaction, of what is deleted."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Row, Select, select, text
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.history.values import Change, Made
from poser.model.history import HistoryTransaction, RecordedTable, Version, VersionKind

_V = Version.__table__.c
_T = HistoryTransaction.__table__.c
_CHANGE = (
    _V.row_id, _V.kind, _V.at, _V.old, _V.new, _V.statement, _V.n, _V.transaction_id,
    _T.at.label("began_at"), _T.source, _T.user_id, _T.user_name, _T.via, _T.address, _T.comment,
    _T.origin,
)  # fmt: skip
_OF_RECORD = text("SELECT * FROM record_versions(:table, :row_id)").columns(old=JSON(), new=JSON())
_JOINED = Version.__table__.outerjoin(HistoryTransaction.__table__, _T.id == _V.transaction_id)


def recorded_table(session: Session, name: str) -> RecordedTable:
    """Find a table that has or had history. Raises PoserError, naming those there are."""
    found = session.scalars(select(RecordedTable).where(RecordedTable.name == name)).one_or_none()
    if found is None:
        names = session.scalars(select(RecordedTable.name).order_by(RecordedTable.name))
        raise PoserError(f"table {name!r} is not recorded", hint=f"these are: {', '.join(names)}")
    return found


def changes_of(session: Session, table: str, row_id: UUID) -> list[Change]:
    """List all versions of one record, oldest first. Raises PoserError for an unknown table."""
    found = session.execute(_OF_RECORD, {"table": table, "row_id": row_id})
    changes = [_change(table, row) for row in found]
    if not changes:
        recorded_table(session, table)
    return changes


def changes_of_transaction(
    session: Session, transaction_id: UUID, *, limit: int | None = None
) -> list[Change]:
    """List what one transaction did, in the order in which it did it; the first `limit` of it.

    Raises PoserError when nothing of it is known.
    """
    names = {one.id: one.name for one in session.scalars(select(RecordedTable))}
    statement = (
        _select(_V.table_id)
        .where(_V.transaction_id == transaction_id)
        .order_by(_V.statement, _V.n)
        .limit(limit)
    )
    found = [_change(names[row.table_id], row) for row in session.execute(statement)]
    if not found:
        raise PoserError(
            f"the history has no transaction {transaction_id}",
            hint="`poser history log` shows their ids; old ones may be purged",
        )
    return found


def newest_transactions(session: Session, table: str | None = None, limit: int = 20) -> list[Made]:
    """List the newest transactions, newest first; of all tables, or of one."""
    statement = select(_T.id.label("transaction_id"), _T.at.label("began_at"), *_AUTHOR)
    if table is not None:
        number = recorded_table(session, table).id
        kept = select(_V.row_id).where(_V.transaction_id == _T.id, _V.table_id == number)
        statement = statement.where(kept.exists())
    rows = session.execute(statement.order_by(_T.id.desc()).limit(limit))
    return [_made(row) for row in rows]


def deleted(
    session: Session, table: str, *, since: datetime | None = None, limit: int = 100
) -> list[Change]:
    """List the deletions of a table whose records are not back, newest first."""
    number = recorded_table(session, table).id
    later = Version.__table__.alias("later")
    statement = _select().where(
        _V.table_id == number,
        _V.kind == VersionKind.DELETE,
        ~select(later.c.row_id)
        .where(
            later.c.table_id == number,
            later.c.row_id == _V.row_id,
            later.c.statement > _V.statement,
        )
        .exists(),
    )
    if since is not None:
        statement = statement.where(_V.at >= since)
    rows = session.execute(statement.order_by(_V.at.desc(), _V.n.desc()).limit(limit))
    return [_change(table, row) for row in rows]


def last_change(session: Session, table: str, row_id: UUID, field: str) -> Change | None:
    """Find who last changed a field of a record; None when the history does not know."""
    return last_of(changes_of(session, table, row_id), field)


def last_of(changes: Sequence[Change], field: str) -> Change | None:
    """Find the last of some changes that set a field to something else."""
    kinds = (VersionKind.INSERT, VersionKind.UPDATE)
    sets = (c for c in reversed(changes) if c.kind in kinds and field in c.new)
    return next(sets, None)


_AUTHOR = (
    _T.source, _T.user_id, _T.user_name, _T.via, _T.address, _T.comment, _T.origin,
)  # fmt: skip


def _select(*more: object) -> Select[*tuple[Any, ...]]:
    return select(*_CHANGE, *more).select_from(_JOINED)  # type: ignore[call-overload,no-any-return] # columns are not typed one by one


def _change(table: str, row: Row[*tuple[Any, ...]]) -> Change:
    return Change(
        table=table,
        row_id=row.row_id,
        kind=VersionKind(row.kind),
        at=row.at,
        old=row.old or {},
        new=row.new or {},
        statement=row.statement,
        n=row.n,
        made=_made(row),
    )


def _made(row: Row[*tuple[Any, ...]]) -> Made:
    """Tell who made it; of a purged transaction nothing but its id is left."""
    return Made(
        id=row.transaction_id,
        at=row.began_at,
        source=row.source or "",
        user_id=row.user_id,
        user_name=row.user_name or "",
        via=row.via or "",
        address=row.address or "",
        comment=row.comment or "",
        origin=row.origin or "",
    )


def row_ids(changes: Sequence[Change]) -> Iterator[UUID]:
    """Give the records of some changes, each once, in order."""
    yield from dict.fromkeys(change.row_id for change in changes)
