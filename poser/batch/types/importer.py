# SPDX-License-Identifier: Apache-2.0
"""Batches that runs of importers become, instead of being written at once."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.batch.batch_type import BatchType, Executed, Json, RowStatus, Severity, Watch
from poser.batch.moving import outcomes
from poser.errors import PoserError
from poser.importing.batch_applying import apply_batch, parts_of
from poser.importing.parts import Part, quoted
from poser.importing.result import Kind, RunResult, RunStatus
from poser.model.batches import Batch, BatchRow, RowOutcome
from poser.model.importing import ImportRun


class ImportBatch(BatchType):
    """What an import would change: to be looked at before it is written.

    The batch's run is its record: executed, it counts what was written and knows the
    transaction, so `poser import show` and `revert` work as for any other run.
    """

    key = "importer"
    statuses = (
        RowStatus(Kind.CREATE, "is new"),
        RowStatus(Kind.UPDATE, "differs"),
        RowStatus(Kind.DELETE, "is not in the source any more", Severity.LOOK),
    )

    def read(
        self, session: Session, batch: Batch, row: BatchRow, words: Mapping[str, object]
    ) -> dict[str, Json]:
        """Read what somebody typed as PostgreSQL reads it for the table."""
        part = next(one for one in parts_of(session, batch) if one.model == row.model)
        if row.status == Kind.DELETE:
            raise PoserError(
                f"row {row.number} deletes {row.label}: it has no fields to be changed",
                hint="take it out, if the record is to stay",
            )
        names = {column.name for column in part.columns}
        for name in words:
            if name not in names:
                raise PoserError(
                    f"the import does not write {part.model}.{name}",
                    hint=f"it writes {', '.join(sorted(names))}",
                )
        return {name: _read(session, part, name, value) for name, value in words.items()}

    def execute(self, session: Session, batch: Batch, watch: Watch) -> Executed:
        """Write the rows as a run would."""
        watch(0, batch.row_count)
        result = apply_batch(session, batch)
        watch(batch.row_count, batch.row_count)
        _record(session, batch, result)
        left = outcomes(session, batch.id)
        stale, refused = left.get(RowOutcome.STALE, 0), left.get(RowOutcome.REFUSED, 0)
        notes = []
        if stale:
            notes.append(f"{_rows(stale)} left out: their records changed since")
        if refused:
            notes.append(f"{_rows(refused)} left out: rules of the database forbid them")
        return Executed(
            counts={
                "created": sum(one.created for one in result.models),
                "updated": sum(one.updated for one in result.models),
                "deleted": sum(one.deleted for one in result.models),
                "stale": stale,
                "refused": refused,
            },
            notes=tuple(notes),
        )

    def undone(self, session: Session, batch: Batch) -> None:
        """Say of its run, too, that it was taken back."""
        run = session.get(ImportRun, UUID(batch.params["run_id"]))
        if run is not None:
            run.status = RunStatus.REVERTED


def _rows(count: int) -> str:
    return f"{count:,} row{' is' if count == 1 else 's are'}"


def _read(session: Session, part: Part, name: str, value: object) -> Json:
    words = None if value is None or value == "" else str(value)
    column = part.column(name)
    if words is None and not column.is_nullable and not column.default:
        raise PoserError(f"{part.model}.{name} must be given")
    try:
        with session.begin_nested():
            found: Json = session.execute(
                text(
                    f"SELECT to_jsonb(p) -> CAST(:name AS text) FROM jsonb_populate_record("  # noqa: S608 - quoted
                    f"NULL\\:\\:{quoted(part.table)},"
                    " jsonb_build_object(CAST(:name AS text), CAST(:words AS text))) AS p"
                ),
                {"name": name, "words": words},
            ).scalar_one()
    except DBAPIError as error:
        raise PoserError(
            f"{part.model}.{name}: {str(error.orig).strip().splitlines()[0]}"
        ) from error
    return found


def _record(session: Session, batch: Batch, result: RunResult) -> None:
    """Let the run have what its batch wrote, with the running transaction."""
    run = session.get(ImportRun, UUID(batch.params["run_id"]))
    if run is None:
        return
    written = {one.model: one for one in result.models}
    run.counts = [
        {
            **counts,
            "created": written[counts["model"]].created,
            "updated": written[counts["model"]].updated,
            "deleted": written[counts["model"]].deleted,
        }
        if counts["model"] in written
        else counts
        for counts in run.counts
    ]
    made = session.execute(text("SELECT history_transaction()")).scalar_one()
    run.transaction_ids = [*run.transaction_ids, *([made] if made else [])]
    run.status = RunStatus.DONE
    session.flush()
