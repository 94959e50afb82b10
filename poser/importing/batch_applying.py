# SPDX-License-Identifier: Apache-2.0
"""Applying the rows of a batch as a run would, after a person has looked at them.

A row is stale when what it is about is no more what it was when the batch was made: it is
marked and left out. The others become a staging table and a difference again, so that rules,
order and refusals are those of every run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.importing import difference, staging
from poser.importing.difference import LETTERS, difference_of
from poser.importing.parts import Part, part_from, quoted, shape_of
from poser.importing.result import Kind, ModelResult, Refusal, RunResult, RunStatus
from poser.importing.rules import Rules
from poser.importing.staging import Refused, stage_of
from poser.importing.writing import Writing
from poser.model.batches import Batch, RowOutcome

_OF_PART = "r.batch_id = :batch AND r.model = :model AND NOT r.is_removed AND r.outcome = 'waiting'"


def apply_batch(session: Session, batch: Batch) -> RunResult:
    """Apply what a batch says; rows get their outcome. Returns the result as of a run."""
    parts = parts_of(session, batch)
    result = RunResult(
        run_id=UUID(batch.params["run_id"]),
        number=batch.params["run"],
        key=batch.key,
        status=RunStatus.RUNNING,
        source="",
        models=[ModelResult(model=part.model, table=part.table) for part in parts],
    )
    refused = _RefusedRows(session=session, run_id=result.run_id, batch_id=batch.id)
    rules = Rules(session=session, parts=parts, refused=refused)
    for part in parts:
        _Rows(session, batch, part).stage()
    for part, counts in zip(parts, result.models, strict=True):
        rules.checks(part, counts)
        found = difference.counts(session, part)
        counts.created, counts.updated = found[Kind.CREATE], found[Kind.UPDATE]
        counts.deleted = found[Kind.DELETE]
    Writing(session=session, parts=parts, rules=rules, result=result).all()
    staging.drop(session, parts)
    difference.drop_differences(session, parts)
    session.execute(
        text(
            f"UPDATE batch_rows AS r SET outcome = '{RowOutcome.DONE}'"  # noqa: S608 - constants
            " WHERE r.batch_id = :batch AND NOT r.is_removed AND r.outcome = 'waiting'"
        ),
        {"batch": batch.id},
    )
    result.status = RunStatus.DONE
    return result


def parts_of(session: Session, batch: Batch) -> list[Part]:
    """Give the parts of a batch: every column a plain one, every row known by its id."""
    parts = []
    for index, said in enumerate(batch.params["parts"]):
        part = part_from(said)
        types = shape_of(session, part.table).types
        columns = tuple(
            replace(column, type=types[column.name], find_table="", find_by="", fuzzy="")
            for column in part.columns
        )
        stage = f"batch_{batch.number}_{index}"
        parts.append(replace(part, key=("id",), columns=columns, stage=stage, scope=""))
    return parts


def own_key(batch: Batch, model: str) -> tuple[str, ...]:
    """Name the fields by which records of a model are the same as rows."""
    found = (said["key"] for said in batch.params["parts"] if said["model"] == model)
    return tuple(next(found))


class _Rows:
    """The rows of one model of a batch, as SQL sees them: `r`, beside the table's own, `t`."""

    def __init__(self, session: Session, batch: Batch, part: Part) -> None:
        self._session = session
        self._part = part
        self._table = quoted(part.table)
        self._key = own_key(batch, part.model)
        self._values = {"batch": batch.id, "model": part.model}

    def stage(self) -> None:
        """Mark the rows that are stale, and stage the others with their difference."""
        self._lock()
        gone = f"NOT EXISTS (SELECT FROM {self._table} AS t WHERE t.id = r.record_id)"
        for kind in (Kind.UPDATE, Kind.DELETE):
            self._mark(kind, gone, "'is gone'")
            self._mark(kind, f"{self._changed()} IS NOT NULL", self._changed())
        self._fill()
        self._mark(Kind.CREATE, self._exists(), "'is there already'")
        self._compare()

    def _lock(self) -> None:
        """Keep others from changing the records until this is committed."""
        self._run(
            f"SELECT FROM {self._table} AS t WHERE t.id IN (SELECT r.record_id"  # noqa: S608 - quoted
            f" FROM batch_rows AS r WHERE {_OF_PART}) ORDER BY t.id FOR UPDATE"
        )

    def _mark(self, kind: Kind, when: str, reason: str) -> None:
        self._run(
            f"UPDATE batch_rows AS r SET outcome = '{RowOutcome.STALE}', reason = {reason}"  # noqa: S608 - quoted
            f" WHERE {_OF_PART} AND r.status = '{kind}' AND {when}"
        )

    def _exists(self) -> str:
        """Say that a record which is to be created has come some other way."""
        same = " AND ".join(self._same(name) for name in self._key)
        return (
            f"(EXISTS (SELECT FROM {self._table} AS t WHERE t.id = r.record_id)"  # noqa: S608 - quoted
            f" OR r.number IN (SELECT s._n FROM {stage_of(self._part)} AS s"
            f" JOIN {self._table} AS t ON {same}))"
        )

    def _same(self, name: str) -> str:
        if self._part.column(name).is_nullable and len(self._key) > 1:
            return f"ARRAY[t.{quoted(name)}] = ARRAY[s.{quoted(name)}]"
        return f"t.{quoted(name)} = s.{quoted(name)}"

    def _changed(self) -> str:
        """Name the fields that are not what they were; NULL when all are."""
        return (
            "(SELECT 'changed since\\: ' || string_agg(replace(o.key, '_', ' '), ', ' ORDER BY"  # noqa: S608 - quoted
            f" o.key) FROM {self._table} AS t, jsonb_each(r.old) AS o WHERE t.id = r.record_id"
            " AND to_jsonb(t) -> o.key IS DISTINCT FROM o.value)"
        )

    def _fill(self) -> None:
        part = self._part
        staging.create(self._session, part)
        names = "".join(f", {quoted(column.name)}" for column in part.columns)
        values = "".join(f", p.{quoted(column.name)}" for column in part.columns)
        self._run(
            f"INSERT INTO {stage_of(part)} (_n, _place{names}) SELECT r.number, r.number{values}"  # noqa: S608 - quoted
            f" FROM batch_rows AS r LEFT JOIN {self._table} AS t ON t.id = r.record_id"
            f" CROSS JOIN LATERAL jsonb_populate_record(NULL\\:\\:{self._table},"
            " coalesce(to_jsonb(t), '{}') || r.data) AS p"
            f" WHERE {_OF_PART} AND r.status <> '{Kind.DELETE}'"
        )

    def _compare(self) -> None:
        part = self._part
        letters = " ".join(f"WHEN '{kind}' THEN '{letter}'" for kind, letter in LETTERS.items())
        self._session.execute(text(f"DROP TABLE IF EXISTS {difference_of(part)}"))
        # Deletions have numbers below those of records, as in every run.
        self._run(
            f"CREATE TEMPORARY TABLE {difference_of(part)} AS SELECT (CASE r.status"  # noqa: S608 - quoted
            f" WHEN '{Kind.DELETE}' THEN -r.number ELSE r.number END)\\:\\:bigint AS n,"
            f' (CASE r.status {letters} END)\\:\\:"char" AS kind, r.record_id AS row_id'
            f" FROM batch_rows AS r WHERE {_OF_PART}"
        )
        self._session.execute(text(f"ANALYZE {difference_of(part)}"))

    def _run(self, statement: str) -> None:
        self._session.execute(text(statement), self._values)


@dataclass(slots=True, kw_only=True)
class _RefusedRows(Refused):
    """Writes down in a batch which of its rows the rules forbid."""

    batch_id: UUID

    def keep(self, result: ModelResult, refusals: Sequence[Refusal]) -> None:
        """Mark some rows, found by their place: a row's number, or the id of its record."""
        for one in refusals:
            result.refused += 1
            words = str(one.place).removeprefix("row ")
            self._refuse(
                "(number\\:\\:text = :place OR record_id\\:\\:text = :place)",
                {"place": words, "model": result.model, "reason": _sentence(one)},
                ":reason",
            )

    def keep_table(self, result: ModelResult, table: str) -> int:
        """Mark the rows that a table names by their numbers; returns how many."""
        kept = self._refuse(
            "b.n = CASE r.status WHEN 'delete' THEN -r.number ELSE r.number END",
            {"model": result.model},
            "concat_ws(' ', nullif(replace(b.field, '_', ' '), ''),"
            " nullif(b.value, '') || '\\:', b.reason)",
            f" FROM {table} AS b",
        )
        result.refused += kept
        return kept

    def _refuse(self, which: str, values: dict[str, Any], reason: str, more: str = "") -> int:
        done = self.session.execute(
            text(
                f"UPDATE batch_rows AS r SET outcome = '{RowOutcome.REFUSED}', reason = {reason}"  # noqa: S608 - constants
                f"{more} WHERE r.batch_id = :batch AND r.model = :model AND {which}"
            ),
            {"batch": self.batch_id, **values},
        )
        return int(getattr(done, "rowcount", 0))


def _sentence(refusal: Refusal) -> str:
    said = f"{refusal.field.replace('_', ' ')} {refusal.value}: " if refusal.field else ""
    return f"{said}{refusal.reason}"
