# SPDX-License-Identifier: Apache-2.0
"""Taking back what a run changed, as the history of its transactions has it.

Row by row: one that somebody changed since is left as it is and named, the others become what
they were. Taking back is a run of its own, so it can be looked at and taken back as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.batch.executing import undone
from poser.db.authors import tell
from poser.db.refused import refused as in_words
from poser.errors import PoserError
from poser.importing import runs
from poser.importing.asked import Asked
from poser.importing.parts import quoted, shape_of
from poser.importing.result import ModelResult, RunResult, RunStatus
from poser.importing.running import connected, locked, recorded
from poser.importing.showing import shown, unrecorded
from poser.importing.staging import Refused
from poser.importing.watching import Progress, Step, Watch, unwatched
from poser.model.batches import Batch, BatchStatus
from poser.model.importing import ImportRun

_SETTINGS = text(
    "SELECT set_config('IntervalStyle', 'postgres', true), set_config('bytea_output', 'hex', true),"
    " set_config('extra_float_digits', '1', true), set_config('DateStyle', 'ISO, YMD', true)"
)
# What a run did to each row, taken together: how it was before, and how it was left.
_GATHER = text("""
CREATE TEMPORARY TABLE importing_undo ON COMMIT DROP AS
SELECT r.name AS "table", v.row_id,
    (array_agg(v.kind ORDER BY v.statement, v.n))[1] AS first,
    (array_agg(v.kind ORDER BY v.statement DESC, v.n DESC))[1] AS last,
    newest_fields(coalesce(v.old, '') - r.secret ORDER BY v.statement DESC, v.n DESC) AS before,
    newest_fields(coalesce(v.new, '') - r.secret ORDER BY v.statement, v.n) AS after,
    min(v.statement) AS statement
FROM versions v JOIN recorded_tables r ON r.id = v.table_id
WHERE v.transaction_id = ANY (CAST(:ids AS uuid[])) AND v.kind <> 'baseline'
GROUP BY r.name, v.row_id
""")
_TABLES = text("""
SELECT "table" AS name, count(*) AS rows FROM importing_undo
GROUP BY 1 ORDER BY min(statement) DESC
""")
_CHILDREN = text("""
SELECT child.relname AS child, a.attname AS column
FROM pg_constraint c JOIN pg_class child ON child.oid = c.conrelid
CROSS JOIN unnest(c.conkey, c.confkey) AS k (mine, theirs)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.mine
JOIN pg_attribute t ON t.attrelid = c.confrelid AND t.attnum = k.theirs AND t.attname = 'id'
WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid = to_regclass(:table)
    AND EXISTS (SELECT FROM pg_attribute i WHERE i.attrelid = c.conrelid AND i.attname = 'id')
ORDER BY 1, 2
""")
_REFUSALS = ("22", "23", "P0")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """One table that a run changed."""

    name: str
    columns: tuple[str, ...]

    def conflicts(self) -> str:
        """Find the rows that are not as the run left them."""
        live = "hstore(t) -> akeys(u.after) IS DISTINCT FROM u.after -> akeys(u.after)"
        return (
            f"SELECT row_number() OVER (ORDER BY u.row_id) AS n, u.row_id,"  # noqa: S608 - quoted
            f" 'row ' || u.row_id::text AS place, '' AS field, '' AS value,"
            f" CASE WHEN u.last = 'delete' THEN 'is there again' WHEN t.id IS NULL"
            f" THEN 'was deleted since' ELSE 'was changed since: ' || (SELECT string_agg(k, ', '"
            f" ORDER BY k) FROM unnest(akeys(u.after)) AS k"
            f" WHERE hstore(t) -> k IS DISTINCT FROM u.after -> k) END AS reason"
            f" FROM importing_undo AS u LEFT JOIN {quoted(self.name)} AS t ON t.id = u.row_id"
            f" WHERE u.\"table\" = :table AND CASE WHEN u.last = 'delete' THEN t.id IS NOT NULL"
            f" ELSE t.id IS NULL OR {live} END"
        )

    def insert(self) -> str:
        """Bring rows back that the run deleted."""
        names = ", ".join(map(quoted, self.columns))
        values = ", ".join(f"r.{quoted(name)}" for name in self.columns)
        return (
            f"INSERT INTO {quoted(self.name)} ({names}) SELECT {values}"  # noqa: S608 - quoted
            f" FROM importing_undo AS u,"
            f" populate_record(CAST(NULL AS {quoted(self.name)}), u.before) AS r"
            f" WHERE u.\"table\" = :table AND u.first <> 'insert' AND u.last = 'delete'"
        )

    def update(self) -> str:
        """Give fields back what they had before."""
        names = [name for name in self.columns if name != "id"]
        sets = ", ".join(f"{quoted(name)} = r.{quoted(name)}" for name in names)
        return (
            f"UPDATE {quoted(self.name)} AS t SET {sets} FROM ("  # noqa: S608 - quoted
            f" SELECT (populate_record(o, u.before)).* FROM importing_undo AS u"
            f" JOIN {quoted(self.name)} AS o ON o.id = u.row_id"
            f" WHERE u.\"table\" = :table AND u.first <> 'insert' AND u.last <> 'delete'"
            f") AS r WHERE t.id = r.id"
        )

    def delete(self) -> str:
        """Delete rows that the run created."""
        return (
            f"DELETE FROM {quoted(self.name)} AS t USING importing_undo AS u"  # noqa: S608 - quoted
            f" WHERE t.id = u.row_id AND u.\"table\" = :table AND u.first = 'insert'"
            f" AND u.last <> 'delete'"
        )

    def used(self, child: str, column: str) -> str:
        """Find rows that the run created and that others refer to now."""
        return (
            f"SELECT row_number() OVER (ORDER BY u.row_id) AS n, u.row_id,"  # noqa: S608 - quoted
            f" 'row ' || u.row_id::text AS place, '' AS field, '' AS value,"
            f" 'is used by ' || CAST(:child AS text) AS reason FROM importing_undo AS u"
            f" WHERE u.\"table\" = :table AND u.first = 'insert' AND u.last <> 'delete'"
            f" AND EXISTS (SELECT FROM {quoted(child)} AS c WHERE c.{quoted(column)} = u.row_id"
            f" AND NOT EXISTS (SELECT FROM importing_undo AS x"
            f' WHERE x."table" = :child AND x.row_id = c.id))'
        )


def revert(
    number: int,
    engines: Mapping[str, Engine],
    watch: Watch = unwatched,
    asked: Asked | None = None,
) -> RunResult:
    """Take back what a run changed, and return what came of it: a run of its own.

    Of `asked` only who and why count. Raises PoserError for a run that changed nothing which
    the history knows, and Unavailable while its handler runs.
    """
    with connected(engines["poser"]) as session:
        key = runs.by_number(session, number).key
        session.rollback()
        with locked(session, key):
            run = runs.by_number(session, number)
            _refuse(session, run)
            begun = runs.begin(session, key, asked or Asked(), reverts=run.id)
            result = RunResult(
                run_id=begun.id,
                number=begun.number,
                key=key,
                status=RunStatus.RUNNING,
                source=f"run {number}",
            )
            session.commit()
            began = monotonic()
            with recorded(session, result):
                _Reverting(session, run, result, asked or Asked(), watch).all()
            result.seconds = monotonic() - began
            return result


def _refuse(session: Session, run: ImportRun) -> None:
    """Raise PoserError for a run of which nothing can be taken back."""
    if run.status == RunStatus.REVERTED:
        raise PoserError(f"run {run.number} is reverted already")
    if not run.transaction_ids:
        raise PoserError(f"run {run.number} changed nothing that the history knows")
    if missing := unrecorded(session, shown(session, run)):
        raise PoserError(
            f"the history does not have all that run {run.number} changed of"
            f" {', '.join(missing)}: it was switched off, or is purged",
            hint="`poser history` shows what is recorded",
        )


class _Reverting:
    """Takes one run back, in one transaction."""

    def __init__(
        self, session: Session, run: ImportRun, result: RunResult, asked: Asked, watch: Watch
    ) -> None:
        self._session = session
        self._run = run
        self._result = result
        self._asked = asked
        self._watch = watch
        self._refused = Refused(session=session, run_id=result.run_id)

    def all(self) -> None:
        """Gather, keep aside what changed since, write the rest, and write down how it ended."""
        session, result = self._session, self._result
        who = runs.author(session, result.key, result.number, self._asked)
        tell(session.connection(), who)
        session.execute(_SETTINGS)
        session.execute(_GATHER, {"ids": [str(one) for one in self._run.transaction_ids]})
        session.execute(text("ANALYZE importing_undo"))
        tables = self._tables()
        self._watch(Progress(step=Step.COMPARING))
        self._lock(tables)
        self._keep_aside(tables)
        self._watch(Progress(step=Step.WRITING))
        self._write(tables)
        result.status = RunStatus.DONE
        if not result.refused:
            self._run.status = RunStatus.REVERTED
            self._tell_batches()
        found = session.execute(text("SELECT history_transaction()")).scalar_one()
        runs.end(session, result, [found] if found else [])
        session.commit()

    def _tell_batches(self) -> None:
        """Say of the batch that the run was executed as that it is undone."""
        for batch_id in self._run.batch_ids:
            batch = self._session.get(Batch, batch_id, with_for_update=True)
            if batch is not None and batch.status == BatchStatus.EXECUTED:
                undone(self._session, batch)

    def _tables(self) -> list[_Table]:
        """Give the tables that the run changed, the last of them first: children, as a rule."""
        made = []
        models = {one["table"]: one["model"] for one in self._run.counts}
        for row in self._session.execute(_TABLES).all():
            shape = shape_of(self._session, row.name)
            columns = tuple(one for one in shape.types if one not in shape.generated)
            made.append(_Table(name=row.name, columns=columns))
            model = models.get(row.name, row.name)
            self._result.models.append(ModelResult(model=model, table=row.name, read=row.rows))
        return made

    def _lock(self, tables: Sequence[_Table]) -> None:
        """Keep everybody else from changing these rows until this is done."""
        for table in tables:
            self._session.execute(
                text(
                    f"SELECT count(*) FROM (SELECT FROM {quoted(table.name)} AS t"  # noqa: S608 - quoted
                    ' WHERE t.id IN (SELECT row_id FROM importing_undo WHERE "table" = :table)'
                    " ORDER BY t.id FOR UPDATE) AS locked"
                ),
                {"table": table.name},
            )

    def _keep_aside(self, tables: Sequence[_Table]) -> None:
        """Leave rows out that changed since, and those that such rows need; until all are out."""
        for table, counts in zip(tables, self._result.models, strict=True):
            self._leave_out(counts, table.conflicts(), {"table": table.name})
        left = True
        while left:
            left = False
            for table, counts in zip(tables, self._result.models, strict=True):
                for child, column in self._children(table.name):
                    values = {"table": table.name, "child": child}
                    left |= self._leave_out(counts, table.used(child, column), values)

    def _children(self, table: str) -> list[tuple[str, str]]:
        """Name the columns of tables that refer to the ids of a table."""
        rows = self._session.execute(_CHILDREN, {"table": quoted(table)})
        return [(row.child, row.column) for row in rows]

    def _leave_out(self, counts: ModelResult, query: str, values: Mapping[str, str]) -> bool:
        session = self._session
        session.execute(text("DROP TABLE IF EXISTS importing_bad"))
        session.execute(text(f"CREATE TEMPORARY TABLE importing_bad AS {query}"), values)
        kept = self._refused.keep_table(counts, "importing_bad")
        if kept:
            session.execute(
                text(
                    "DELETE FROM importing_undo AS u USING importing_bad AS b"
                    ' WHERE u.row_id = b.row_id AND u."table" = :table'
                ),
                {"table": values["table"]},
            )
        return bool(kept)

    def _write(self, tables: Sequence[_Table]) -> None:
        session = self._session
        try:
            session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
            for table, counts in zip(tables, self._result.models, strict=True):
                counts.created += self._run_each(table, table.insert())
            for table, counts in zip(tables, self._result.models, strict=True):
                counts.updated += self._run_each(table, table.update())
            for table, counts in zip(tables, self._result.models, strict=True):
                counts.deleted += self._run_each(table, table.delete())
            session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        except DBAPIError as error:
            if not (getattr(error.orig, "pgcode", "") or "").startswith(_REFUSALS):
                raise
            session.rollback()
            said = in_words(error, session.connection())
            raise PoserError(
                f"run {self._run.number} cannot be taken back: {said or error.orig}",
                hint="what is there now needs what the run brought, or is in the way of it",
            ) from error

    def _run_each(self, table: _Table, statement: str) -> int:
        done = self._session.execute(text(statement), {"table": table.name})
        return int(getattr(done, "rowcount", 0))
