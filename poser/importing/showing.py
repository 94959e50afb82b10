# SPDX-License-Identifier: Apache-2.0
"""Reading what a run changed and kept aside: from the history, or what it kept itself."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, cast, exists, func, select
from sqlalchemy.orm import Session

from poser.db.base import Model
from poser.importing.by_columns import AnyModel, natural_key
from poser.importing.result import Difference, Kind, Refusal, RunStatus
from poser.model import load
from poser.model.history import RecordedTable, Version, VersionKind
from poser.model.importing import ImportChange, ImportRefusal, ImportRun

_KINDS = {
    VersionKind.INSERT: Kind.CREATE,
    VersionKind.UPDATE: Kind.UPDATE,
    VersionKind.DELETE: Kind.DELETE,
}
WROTE = (RunStatus.DONE, RunStatus.REVERTED)
"""How runs end that wrote what they found."""

_EVERY_ROW_HAS = ("id", "created_at", "modified_at")
_CHUNK = 2_000


def changes_of(
    session: Session, run: ImportRun, *, model: str = "", limit: int | None = None
) -> Iterator[Difference]:
    """Give what a run changed, or would have, in its order: all of it, or the first.

    What it wrote is the history of its transactions.
    """
    if run.transaction_ids:
        yield from _versions(session, run, model, limit)
    wanted = select(ImportChange).where(ImportChange.run_id == run.id).order_by(ImportChange.id)
    if model:
        wanted = wanted.where(func.lower(ImportChange.model) == model.lower())
    for one in session.scalars(wanted.limit(limit)):
        yield Difference(
            model=one.model,
            kind=Kind(one.kind),
            key=one.key,
            row_id=one.row_id,
            old=one.old,
            new=one.new,
        )


def refusals_of(
    session: Session, run: ImportRun, *, model: str = "", limit: int | None = None
) -> Iterator[Refusal]:
    """Give what a run kept aside."""
    wanted = select(ImportRefusal).where(ImportRefusal.run_id == run.id).order_by(ImportRefusal.id)
    if model:
        wanted = wanted.where(func.lower(ImportRefusal.model) == model.lower())
    for one in session.scalars(wanted.limit(limit)):
        yield Refusal(
            model=one.model,
            place=int(one.place) if one.place.isdecimal() else one.place,
            reason=one.reason,
            field=one.field,
            value=one.value,
        )


def unrecorded(session: Session, run: ImportRun) -> list[str]:
    """Name the models of which a run changed more than the history kept of it."""
    if run.status not in WROTE or _has_own(session, run):
        return []
    kept = _kept(session, run)
    of_model = {one.__name__: kept.get(table, 0) for table, one in _tables().items()}
    return [
        one["model"]
        for one in run.counts
        if one["created"] + one["updated"] + one["deleted"] > of_model.get(one["model"], 0)
    ]


def _versions(
    session: Session, run: ImportRun, model: str, limit: int | None
) -> Iterator[Difference]:
    tables = _tables()
    wanted = (
        select(Version, RecordedTable.name)
        .join(RecordedTable, RecordedTable.id == Version.table_id)
        .where(Version.transaction_id.in_(run.transaction_ids), Version.kind.in_(_KINDS))
        .order_by(Version.statement, Version.n)
    )
    if model:
        names = {one.__name__.lower(): table for table, one in tables.items()}
        wanted = wanted.where(RecordedTable.name == names.get(model.lower(), model))
    found = session.execute(wanted.limit(limit).execution_options(yield_per=_CHUNK))
    for rows in found.partitions():
        labels = _labels(session, rows, tables)
        for version, table in rows:
            yield Difference(
                model=tables[table].__name__ if table in tables else table,
                kind=_KINDS[VersionKind(version.kind)],
                key=labels.get(version.row_id, str(version.row_id)),
                row_id=version.row_id,
                old=_shown(version.old),
                new=_shown(version.new),
            )


def _labels(
    session: Session, rows: Sequence[Row[Version, str]], tables: Mapping[str, AnyModel]
) -> dict[UUID, str]:
    """Say by what people know the rows: the values of what is unique of them, as they are now."""
    labels: dict[UUID, str] = {}
    for name in {table for _, table in rows if table in tables}:
        columns = tables[name].__table__.columns
        key = natural_key(tables[name], [column.name for column in columns if column.name != "id"])
        if not key:
            continue
        mine = [version for version, table in rows if table == name]
        for version in mine:
            values = {**(version.old or {}), **(version.new or {})}
            if all(one in values for one in key):
                labels[version.row_id] = ", ".join(values[one] or "nothing" for one in key)
        ids = [version.row_id for version in mine if version.row_id not in labels]
        texts = (cast(columns[one], Text) for one in key)
        for row_id, *known in session.execute(
            select(columns["id"], *texts).where(columns["id"].in_(ids))
        ):
            labels[row_id] = ", ".join(one or "nothing" for one in known)
    return labels


def _shown(fields: Mapping[str, str | None] | None) -> dict[str, str | None]:
    return {name: value for name, value in (fields or {}).items() if name not in _EVERY_ROW_HAS}


def _has_own(session: Session, run: ImportRun) -> bool:
    """Tell whether a run kept its changes itself, its target being no database of this node."""
    own = select(exists().where(ImportChange.run_id == run.id))
    return bool(session.execute(own).scalar_one())


def _kept(session: Session, run: ImportRun) -> dict[str, int]:
    """Count what the history has of a run, by table."""
    counted: Any = (
        select(RecordedTable.name, func.count())
        .join(Version, Version.table_id == RecordedTable.id)
        .where(Version.transaction_id.in_(run.transaction_ids))
        .group_by(RecordedTable.name)
    )
    return {name: int(count) for name, count in session.execute(counted)}


def _tables() -> dict[str, AnyModel]:
    """Give the models by the names of their tables."""
    load()
    return {str(one.local_table): one.class_ for one in Model.registry.mappers}
