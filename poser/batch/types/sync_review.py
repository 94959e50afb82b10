# SPDX-License-Identifier: Apache-2.0
"""Batches of conflicts between nodes that wait for a person (docs/decisions/0036-datasync.md)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.batch.batch_type import BatchType, Executed, Json, NewRow, RowStatus, Severity, Watch
from poser.datasync.conflicts import NO_CONFLICT
from poser.datasync.resolving import WHOLE, conflicts, resolve
from poser.db.authors import AUTHOR
from poser.db.base import Model
from poser.db.refused import refused
from poser.errors import PoserError
from poser.model import load
from poser.model.batches import Batch, BatchRow, RowOutcome
from poser.model.datasync import DatasyncConflict

BOTH, GONE_THERE, GONE_HERE = "both", "gone there", "gone here"


class SyncReview(BatchType):
    """Conflicts between nodes: what another node has is taken in place of ours.

    A row says what is here and what the other node has; executed, what it has is written and
    goes to all nodes. A field that is set to what is here stays so. Rows that were taken out
    stay open. Parameters: `peer` for the conflicts with one node only.
    """

    key = "sync_review"
    four_eyes = False
    statuses = (
        RowStatus(BOTH, "was changed here and there"),
        RowStatus(GONE_THERE, "was deleted there and would be here", Severity.LOOK),
        RowStatus(GONE_HERE, "was deleted here and would come back", Severity.LOOK),
    )

    def populate(self, session: Session, batch: Batch) -> Iterable[NewRow]:
        """Give a row for each open conflict; the batch says of which tables, for who may see."""
        load()
        peer = batch.params.get("peer", "")
        found = [one for one in conflicts(session, only_open=True) if peer in {"", one.peer}]
        tables = dict.fromkeys(one.table_name for one in found)
        batch.params = {
            **batch.params,
            "parts": [{"model": table, "table": table} for table in tables],
        }
        return [_row(one) for one in found]

    def read(
        self,
        session: Session,
        batch: Batch,  # noqa: ARG002 - others need it
        row: BatchRow,
        words: Mapping[str, object],
    ) -> dict[str, Json]:
        """Take what is here or what is there; a conflict has no third side."""
        one = session.get_one(DatasyncConflict, UUID(row.entry))
        found = {}
        for name, value in words.items():
            sides = [_side(one.ours, name), _side(one.theirs, name)]
            same = [side for side in sides if _text(side) == _text(value)]
            if name not in one.fields or not same:
                raise PoserError(
                    f"row {row.number}: {name} is either as here or as on {one.peer}",
                    hint=f"it is {_text(sides[0])!r} here and {_text(sides[1])!r} there",
                )
            found[name] = same[0]
        return found

    def execute(self, session: Session, batch: Batch, watch: Watch) -> Executed:
        """Settle the conflicts, each by itself; those that others settled are left out."""
        load()
        who = AUTHOR.get()
        by = f"{who.user_name if who else ''} (batch {batch.number})".strip()
        rows = session.scalars(
            select(BatchRow)
            .where(BatchRow.batch_id == batch.id, BatchRow.is_removed.is_(False))
            .order_by(BatchRow.number)
        ).all()
        watch(0, len(rows))
        found = _settle_together(session, rows, by) or [
            _settle(session, row, by, looks=True) for row in rows
        ]
        for row, (outcome, reason) in zip(rows, found, strict=True):
            row.outcome, row.reason = outcome, reason
        session.flush()
        watch(len(rows), len(rows))
        counted = {one: sum(row.outcome == one for row in rows) for one in RowOutcome}
        return Executed(
            counts={
                "settled": counted[RowOutcome.DONE],
                "stale": counted[RowOutcome.STALE],
                "refused": counted[RowOutcome.REFUSED],
            }
        )

    def undone(self, session: Session, batch: Batch) -> None:
        """Open the conflicts again that were settled; the history puts the records back."""
        done = select(BatchRow.entry).where(
            BatchRow.batch_id == batch.id, BatchRow.outcome == RowOutcome.DONE
        )
        ids = [UUID(entry) for entry in session.scalars(done)]
        session.execute(
            update(DatasyncConflict)
            .where(DatasyncConflict.id.in_(ids))
            .values(is_open=True, decided_by="review")
        )


def _row(one: DatasyncConflict) -> NewRow:
    status = BOTH
    if WHOLE in one.fields:
        status = GONE_THERE if one.theirs is None else GONE_HERE
    names = sorted(one.ours or one.theirs or {}) if status != BOTH else list(one.fields)
    names = [name for name in names if _is_shown(one.table_name, name)]
    known = one.ours or one.theirs or {}
    return NewRow(
        entry=str(one.id),
        label=f"{known.get('name') or known.get('number') or one.key} ({one.peer})",
        model=one.table_name,
        record_id=one.key,
        status=status,
        old={name: _side(one.ours, name) for name in names} if one.ours else {},
        data={name: _side(one.theirs, name) for name in names} if one.theirs else {},
    )


Came = tuple[RowOutcome, str]
"""What came of a row, and why."""
_LOOK = text("SET CONSTRAINTS ALL IMMEDIATE")


def _settle_together(session: Session, rows: Sequence[BatchRow], by: str) -> list[Came]:
    """Settle all, so that two records may swap what no two have; nothing if that is refused."""
    try:
        with session.begin_nested():
            found = [_settle(session, row, by, looks=False) for row in rows]
            session.execute(_LOOK)
    except DBAPIError as error:
        if refused(error, session.connection()) is None:
            raise
        return []
    return found


def _settle(session: Session, row: BatchRow, by: str, *, looks: bool) -> Came:
    """Settle the conflict of one row; `looks` has rules that wait looked at now."""
    key = UUID(row.entry)
    one = session.get_one(DatasyncConflict, key, populate_existing=True)
    if not one.is_open:
        return RowOutcome.STALE, f"settled meanwhile: {one.decided_by}"
    taken = [
        name
        for name in one.fields
        if name not in row.data or row.data[name] != _side(one.ours, name)
    ]
    try:
        with session.begin_nested():
            resolve(session, key, theirs=taken, by=by)
            if looks:
                session.execute(_LOOK)
    except PoserError as error:
        return RowOutcome.STALE, error.message
    except DBAPIError as error:
        said = refused(error, session.connection())
        if said is None:
            raise
        return RowOutcome.REFUSED, str(said)
    return RowOutcome.DONE, ""


def _is_shown(table: str, name: str) -> bool:
    """Leave out what says nothing to people, and secrets: a batch shows what it keeps."""
    known = Model.metadata.tables.get(table)
    column = known.c.get(name) if known is not None else None
    is_open = column is not None and column.info.get("history") != "secret"
    return name not in NO_CONFLICT and is_open


def _side(row: Mapping[str, Any] | None, name: str) -> Json:
    """Read a field as rows of batches keep it."""
    value = (row or {}).get(name)
    if value is None or isinstance(value, str | bool | int):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
