# SPDX-License-Identifier: Apache-2.0
"""Reading what a run changed and kept aside: from the history, or what it kept itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from poser.db.base import Model
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

    What it wrote is the history of its transactions, where a row is known by its id.
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
    tables, kept = _tables(), _kept(session, run)
    return [
        one["model"]
        for one in run.counts
        if one["created"] + one["updated"] + one["deleted"]
        > kept.get(tables.get(one["model"].lower(), ""), 0)
    ]


def _versions(
    session: Session, run: ImportRun, model: str, limit: int | None
) -> Iterator[Difference]:
    tables = _tables()
    models = {table: _names()[name] for name, table in tables.items()}
    wanted = (
        select(Version, RecordedTable.name)
        .join(RecordedTable, RecordedTable.id == Version.table_id)
        .where(Version.transaction_id.in_(run.transaction_ids), Version.kind.in_(_KINDS))
        .order_by(Version.statement, Version.n)
    )
    if model:
        wanted = wanted.where(RecordedTable.name == tables.get(model.lower(), model))
    found = session.execute(wanted.limit(limit).execution_options(yield_per=_CHUNK))
    for version, table in found:
        yield Difference(
            model=models.get(table, table),
            kind=_KINDS[VersionKind(version.kind)],
            key=str(version.row_id),
            row_id=version.row_id,
            old=_shown(version.old),
            new=_shown(version.new),
        )


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


def _names() -> dict[str, str]:
    load()
    names = (mapper.class_.__name__ for mapper in Model.registry.mappers)
    return {name.lower(): name for name in names}


def _tables() -> dict[str, str]:
    """Give the tables of all models, by the models' names in small letters."""
    load()
    mappers = Model.registry.mappers
    return {one.class_.__name__.lower(): str(one.local_table) for one in mappers}
