# SPDX-License-Identifier: Apache-2.0
"""Making a batch of a run: its difference is written down for a person, and nothing is applied.

All models of a run are one batch, because its rows refer to each other. A row has the values
as JSON, typed as in its table: `data` is what it would be, `old` what it is, for an update
only the fields that change. See docs/decisions/0022-batches.md.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.batch.moving import make, move
from poser.batch.types.importer import ImportBatch
from poser.db.authors import Author, authored
from poser.importing.difference import LETTERS, difference_of, value
from poser.importing.parts import Part, quoted, shape_of
from poser.importing.result import Kind, RunResult
from poser.importing.samples import is_changed, key_of, mine
from poser.importing.staging import stage_of
from poser.model.batches import Batch, BatchStatus


def make_batch(
    session: Session, parts: Sequence[Part], result: RunResult, who: Author
) -> Batch | None:
    """Make a batch of what a run would change; None where nothing differs.

    The differences of the parts are made and checked.
    """
    if not result.changes:
        return None
    with authored(who):
        batch = make(
            session,
            ImportBatch(),
            description=f"import {result.key} from {result.source}".removesuffix(" from "),
            params={
                "run": result.number,
                "run_id": str(result.run_id),
                "parts": [part.to_json() for part in parts],
            },
        )
    count = 0
    for part, kind in _order(parts):
        count += _add(session, batch.id, part, kind, count)
    move(session, batch, BatchStatus.OPEN)
    session.refresh(batch)
    result.batches.append(batch.id)
    return batch


def _order(parts: Sequence[Part]) -> Iterator[tuple[Part, Kind]]:
    """Give the parts as they are written: parents first, deletions the other way round."""
    for part in parts:
        yield part, Kind.CREATE
        yield part, Kind.UPDATE
    for part in reversed(parts):
        yield part, Kind.DELETE


def _add(session: Session, batch_id: UUID, part: Part, kind: Kind, count: int) -> int:
    """Add the rows of one model and kind behind the others; returns how many."""
    rows = {Kind.CREATE: _creates, Kind.UPDATE: _updates, Kind.DELETE: _deletes}[kind]
    # A product that is still to be created cannot be referred to.
    product = "row_id" if part.table == "products" and kind is not Kind.CREATE else "NULL\\:\\:uuid"
    done = session.execute(
        text(
            "INSERT INTO batch_rows (batch_id, number, status, entry, label, model, record_id,"  # noqa: S608 - quoted
            " product_id, data, old)"
            " SELECT :batch, :count + row_number() OVER (ORDER BY n), :kind, place, label, :model,"
            f" row_id, {product}, data, old FROM ({rows(session, part)}) AS one"
        ),
        {"batch": batch_id, "count": count, "kind": kind, "model": part.model},
    )
    return int(getattr(done, "rowcount", 0))


_PLACE = "CASE WHEN s._place ~ '^[0-9]+$' THEN 'line ' ELSE '' END || coalesce(s._place, '')"


def _creates(_session: Session, part: Part) -> str:
    new = ", ".join(f"{value(column)} AS {quoted(column.name)}" for column in part.columns)
    return (
        f"SELECT d.n, {_PLACE} AS place, {key_of(part, 's')} AS label, d.row_id,"  # noqa: S608 - quoted
        f" to_jsonb(new) AS data, '{{}}'\\:\\:jsonb AS old FROM {difference_of(part)} AS d"
        f" JOIN {stage_of(part)} AS s ON s._n = d.n CROSS JOIN LATERAL (SELECT {new}) AS new"
        f" WHERE d.kind = '{LETTERS[Kind.CREATE]}'"
    )


def _updates(_session: Session, part: Part) -> str:
    fields = ", ".join(
        f"({_literal(column.name)}, {is_changed(part, column)}, to_jsonb({mine(column)}),"
        f" to_jsonb(t.{quoted(column.name)}))"
        for column in part.columns
    )
    return (
        f"SELECT d.n, {_PLACE} AS place, {key_of(part, 's')} AS label, d.row_id, f.data, f.old"  # noqa: S608 - quoted
        f" FROM {difference_of(part)} AS d JOIN {stage_of(part)} AS s ON s._n = d.n"
        f" JOIN {quoted(part.table)} AS t ON t.id = d.row_id CROSS JOIN LATERAL"
        " (SELECT jsonb_object_agg(name, new) AS data, jsonb_object_agg(name, old) AS old"
        f" FROM (VALUES {fields}) AS one (name, is_changed, new, old) WHERE is_changed) AS f"
        f" WHERE d.kind = '{LETTERS[Kind.UPDATE]}'"
    )


def _deletes(session: Session, part: Part) -> str:
    shape = shape_of(session, part.table)
    old = ", ".join(f"t.{quoted(name)}" for name in shape.types if name not in shape.generated)
    return (
        f"SELECT abs(d.n) AS n, '' AS place, {key_of(part, 't')} AS label, d.row_id,"  # noqa: S608 - quoted
        " '{}'\\:\\:jsonb AS data, to_jsonb(old) AS old"
        f" FROM {difference_of(part)} AS d JOIN {quoted(part.table)} AS t ON t.id = d.row_id"
        f" CROSS JOIN LATERAL (SELECT {old}) AS old WHERE d.kind = '{LETTERS[Kind.DELETE]}'"
    )


def _literal(words: str) -> str:
    return "'" + words.replace("'", "''").replace(":", r"\:") + "'"
