# SPDX-License-Identifier: Apache-2.0
"""Reading the record of a run, page by page: from the history, or from what it kept itself.

What a run wrote is the history of its transactions. Nothing here needs the models of what was
imported: a page that shows runs loads none of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select, text, tuple_
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.importing import labels
from poser.importing.result import Kind, ModelResult, RunStatus
from poser.importing.shown import BatchShown, ChangeShown, RefusalShown, RunShown
from poser.model.history import RecordedTable, Version, VersionKind
from poser.model.importing import ImportChange, ImportRefusal, ImportRun

PAGE = 100
"""Changes or refusals of one page."""

_KINDS = {
    VersionKind.INSERT: Kind.CREATE,
    VersionKind.UPDATE: Kind.UPDATE,
    VersionKind.DELETE: Kind.DELETE,
}
_VERSION_KINDS = {kind: word for word, kind in _KINDS.items()}
_EVERY_ROW_HAS = ("id", "created_at", "modified_at")
_CHUNK = 2_000
# Not by the model: batches refer to users and products.
_BATCHES = text("""
SELECT id, number, description, status FROM batches
WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY number
""")


def run_of(session: Session, id_: UUID) -> RunShown | None:
    """Find a run by its id; None when there is none."""
    run = session.get(ImportRun, id_)
    return None if run is None else shown(session, run)


def run_numbered(session: Session, number: int) -> RunShown | None:
    """Find a run by the number that people call it; None when there is none."""
    run = session.scalars(select(ImportRun).where(ImportRun.number == number)).one_or_none()
    return None if run is None else shown(session, run)


def shown(session: Session, run: ImportRun) -> RunShown:
    """Give the record of a run, with the batches it made and the runs that took it back."""
    numbers = select(ImportRun.number)
    reverts = session.scalars(numbers.where(ImportRun.id == run.reverts_id)).one_or_none()
    by = session.scalars(numbers.where(ImportRun.reverts_id == run.id).order_by(ImportRun.number))
    return RunShown(
        id=run.id,
        number=run.number,
        key=run.key,
        status=RunStatus(run.status),
        command=run.command,
        source=run.source,
        user_name=run.user_name,
        comment=run.comment,
        schedule=run.asked.get("schedule", ""),
        began_at=run.began_at,
        ended_at=run.ended_at,
        why=run.why,
        hint=run.hint,
        notes=tuple(run.notes),
        models=tuple(ModelResult(**one) for one in run.counts),
        transaction_ids=tuple(run.transaction_ids),
        batches=_batches(session, run.batch_ids),
        can_resume=run.stage is not None,
        reverts=reverts,
        reverted_by=tuple(by),
    )


def changes_of(
    session: Session,
    run: RunShown,
    *,
    kind: Kind | None = None,
    model: str | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> list[ChangeShown]:
    """Give a page of what a run changed, or would have, in its order.

    `after` is the cursor of the last change of the page before. Raises PoserError for one
    that is none.
    """
    place = _place(after)
    found: list[ChangeShown] = []
    if run.transaction_ids and not isinstance(place, UUID):
        rows = session.execute(_versions(run, kind, model, place).limit(limit)).all()
        found += _of_history(session, run, rows)
    if len(found) < limit:
        own = _own(run, kind, model, place).limit(limit - len(found))
        found += [_change(run, one) for one in session.scalars(own)]
    return found


def all_changes(
    session: Session, run: RunShown, *, model: str | None = None
) -> Iterator[ChangeShown]:
    """Give all that a run changed, or would have, in its order; memory stays flat."""
    streamed = {"yield_per": _CHUNK}
    if run.transaction_ids:
        found = session.execute(_versions(run, None, model, None), execution_options=streamed)
        for rows in found.partitions():
            yield from _of_history(session, run, rows)
    own = session.scalars(_own(run, None, model, None), execution_options=streamed)
    yield from (_change(run, one) for one in own)


def refusals_of(
    session: Session,
    run: RunShown,
    *,
    model: str | None = None,
    after: str | None = None,
    limit: int | None = PAGE,
) -> list[RefusalShown]:
    """Give a page of what a run kept aside, or all of it where `limit` is None."""
    wanted = select(ImportRefusal).where(ImportRefusal.run_id == run.id).order_by(ImportRefusal.id)
    if model:
        wanted = wanted.where(func.lower(ImportRefusal.model) == model.lower())
    if after:
        wanted = wanted.where(ImportRefusal.id > _id(after))
    return [
        RefusalShown(
            model=one.model,
            place=int(one.place) if one.place.isdecimal() else one.place,
            reason=one.reason,
            field=one.field,
            value=one.value,
            cursor=str(one.id),
        )
        for one in session.scalars(wanted.limit(limit))
    ]


def unrecorded(session: Session, run: RunShown) -> list[str]:
    """Name the models of which a run changed more than the history kept of it."""
    if not run.wrote or _has_own(session, run):
        return []
    kept = _kept(session, run)
    return [one.model for one in run.models if one.changes > kept.get(one.table, 0)]


def _batches(session: Session, ids: Sequence[UUID]) -> tuple[BatchShown, ...]:
    if not ids:
        return ()
    rows = session.execute(_BATCHES, {"ids": [str(one) for one in ids]}).mappings()
    return tuple(BatchShown(**row) for row in rows)


def _versions(
    run: RunShown, kind: Kind | None, model: str | None, after: tuple[int, int] | UUID | None
) -> Select[Version, str]:
    """Select what the history has of a run, in the order in which it was done."""
    kinds = list(_KINDS) if kind is None else [_VERSION_KINDS[kind]]
    wanted = (
        select(Version, RecordedTable.name)
        .join(RecordedTable, RecordedTable.id == Version.table_id)
        .where(Version.transaction_id.in_(run.transaction_ids), Version.kind.in_(kinds))
        .order_by(Version.statement, Version.n)
    )
    if model:
        wanted = wanted.where(RecordedTable.name == _table(run, model))
    if isinstance(after, tuple):
        # Not to be looked up in the primary key, whose first columns are not known: the rows of
        # the transactions are found by their own index, which is far quicker.
        wanted = wanted.where(tuple_(Version.statement + 0, Version.n) > tuple_(*after))
    return wanted


def _own(
    run: RunShown, kind: Kind | None, model: str | None, after: tuple[int, int] | UUID | None
) -> Select[ImportChange]:
    """Select what a run kept itself: of what it did not write, or wrote elsewhere."""
    wanted = select(ImportChange).where(ImportChange.run_id == run.id).order_by(ImportChange.id)
    if kind is not None:
        wanted = wanted.where(ImportChange.kind == kind)
    if model:
        wanted = wanted.where(func.lower(ImportChange.model) == model.lower())
    return wanted.where(ImportChange.id > after) if isinstance(after, UUID) else wanted


def _of_history(
    session: Session, run: RunShown, rows: Iterable[Row[Version, str]]
) -> Iterator[ChangeShown]:
    """Give versions as changes, each known by what people call its row."""
    versions = [(version, table) for version, table in rows]
    known = [
        labels.Row(table=table, id=one.row_id, known={**(one.old or {}), **(one.new or {})})
        for one, table in versions
    ]
    names = labels.labels(session, known)
    models = {one.table: one.model for one in run.models}
    for one, table in versions:
        yield ChangeShown(
            model=models.get(table, table),
            table=table,
            kind=_KINDS[VersionKind(one.kind)],
            key=names.get(one.row_id, str(one.row_id)),
            row_id=one.row_id,
            old=_fields(one.old),
            new=_fields(one.new),
            at=one.at,
            cursor=f"{one.statement}.{one.n}",
        )


def _change(run: RunShown, one: ImportChange) -> ChangeShown:
    return ChangeShown(
        model=one.model,
        # By its table it is decided who may see it: a model without one is like no other.
        table=_table(run, one.model),
        kind=Kind(one.kind),
        key=one.key,
        row_id=one.row_id,
        old=one.old,
        new=one.new,
        at=None,
        cursor=str(one.id),
    )


def _fields(fields: Mapping[str, str | None] | None) -> dict[str, str | None]:
    return {name: value for name, value in (fields or {}).items() if name not in _EVERY_ROW_HAS}


def _table(run: RunShown, model: str) -> str:
    """Give the table of a model of a run; a table may be called by its own name."""
    tables = {one.model.lower(): one.table for one in run.models}
    return tables.get(model.lower(), model)


def _place(cursor: str | None) -> tuple[int, int] | UUID | None:
    """Read a cursor: of the history, or of what a run kept itself."""
    if not cursor:
        return None
    statement, dot, n = cursor.partition(".")
    if dot and statement.isdecimal() and n.isdecimal():
        return int(statement), int(n)
    return _id(cursor)


def _id(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError:
        raise PoserError(f"{cursor!r} is no place in a run") from None


def _has_own(session: Session, run: RunShown) -> bool:
    """Tell whether a run kept its changes itself, its target being no database of this node."""
    own = select(exists().where(ImportChange.run_id == run.id))
    return bool(session.execute(own).scalar_one())


def _kept(session: Session, run: RunShown) -> dict[str, int]:
    """Count what the history has of a run, by table."""
    counted: Any = (
        select(RecordedTable.name, func.count())
        .join(Version, Version.table_id == RecordedTable.id)
        .where(Version.transaction_id.in_(run.transaction_ids))
        .group_by(RecordedTable.name)
    )
    return {name: int(count) for name, count in session.execute(counted)}
