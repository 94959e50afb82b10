# SPDX-License-Identifier: Apache-2.0
"""Who changed a setting in the database when, from the history of its table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from poser.model import UserRole
from poser.model.history import Fields, HistoryTransaction, RecordedTable, Version, VersionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One change of a row: what was there before and after; None where there was no row.

    `at` is UTC. `who` is a user of Poser, of the machine or of the database, as `source`
    says (web, command, import, sync, sql); `via` is such as the command that was typed.
    `until` is when it expires (UTC), empty if never.
    """

    at: datetime
    who: str
    source: str
    via: str
    comment: str
    origin: str
    user_role: str
    old: str | None
    new: str | None
    until: str


def changes(session: Session, name: str) -> list[Changed]:
    """List what is known of the changes of one setting, newest first.

    Empty while the history of the table is switched off, and where old history is purged,
    or where the database is still to be migrated.
    """
    if session.scalar(select(func.to_regclass(Version.__tablename__))) is None:
        return []
    v, t = Version, HistoryTransaction
    number = select(RecordedTable.id).where(RecordedTable.name == "settings").scalar_subquery()
    # A row that was taken out and written again has another id; few rows ever had this name.
    ids = select(v.row_id).where(
        v.table_id == number, or_(v.new["name"] == name, v.old["name"] == name)
    )
    found = session.execute(
        select(v, t)
        .outerjoin(t, t.id == v.transaction_id)
        .where(v.table_id == number, v.row_id.in_(ids))
        .order_by(v.statement, v.n)
    ).all()
    names = {str(role.id): role.name for role in session.scalars(select(UserRole))}
    versions = ((version, made) for version, made in found)
    return list(_told(versions, names))[::-1]


def _told(
    versions: Iterable[tuple[Version, HistoryTransaction | None]], names: dict[str, str]
) -> Iterator[Changed]:
    rows: dict[object, Fields] = {}
    for version, made in versions:
        before = {**rows.get(version.row_id, {}), **(version.old or {})}
        after = {**before, **(version.new or {})}
        rows[version.row_id] = after
        if version.kind == VersionKind.BASELINE:
            continue
        role = after.get("user_role_id")
        is_deleted = version.kind == VersionKind.DELETE
        yield Changed(
            at=version.at,
            who=made.user_name if made else "",
            source=made.source if made else "",
            via=made.via if made else "",
            comment=made.comment if made else "",
            origin=made.origin if made else "",
            user_role=names.get(role, "one that is gone") if role else "",
            old=before.get("value"),
            new=None if is_deleted else after.get("value"),
            until="" if is_deleted else after.get("expires_at") or "",
        )
