# SPDX-License-Identifier: Apache-2.0
"""Staging tables: what a source has, as rows of the database, before anything is compared.

They are not logged and belong to one run. Rows are numbered as they come; a record that was
refused leaves its key under a negative number, so that its row is not taken for one that the
source no longer has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO

import psycopg2
from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.errors import ImportFailed
from poser.importing.compiling import Line, compiled_lines
from poser.importing.copying import as_line, as_text, cursor_of
from poser.importing.importer import Importer
from poser.importing.kinds import FieldProblem, fit
from poser.importing.parts import Part, quoted
from poser.importing.result import ModelResult, Refusal
from poser.importing.source import Bad, Chunk, Item, Place

SCHEMA = "importing"
SHOWN = 1_000
"""How many refused records of a model a result has; all are in the database."""

_REFUSALS = ("run_id", "model", "place", "field", "value", "reason")
_VALUE = 200


class Stopped(ImportFailed):
    """A run stops before anything is written: by a limit, for safety, or because it is strict."""


def stage_name(number: int, index: int) -> str:
    """Name the staging table of one model of a run."""
    return f"run_{number}_{index}"


def stage_of(part: Part) -> str:
    """Write the name of a part's staging table in SQL."""
    return f"{SCHEMA}.{quoted(part.stage)}"


def create(session: Session, part: Part) -> None:
    """Create the staging table of a part."""
    columns = ", ".join(f"{quoted(column.name)} {column.type}" for column in part.columns)
    session.execute(
        text(
            f"CREATE UNLOGGED TABLE {stage_of(part)} (_n bigint NOT NULL, _place text, {columns})"
            " WITH (autovacuum_enabled = false)"
        )
    )


def drop(session: Session, parts: Sequence[Part]) -> None:
    """Drop the staging tables of a run."""
    for part in parts:
        session.execute(text(f"DROP TABLE IF EXISTS {stage_of(part)}"))


@dataclass(slots=True, kw_only=True)
class Refused:
    """Writes down the records that a run keeps aside; a strict run stops at the first.

    A run may compare twice: then what it refused is written anew.
    """

    session: Session
    run_id: object
    is_strict: bool = False

    def keep(self, result: ModelResult, refusals: Sequence[Refusal]) -> None:
        """Keep some records of one model aside. Raises Stopped in a strict run."""
        if not refusals:
            return
        if self.is_strict:
            raise Stopped(
                f"one record cannot be used: {refusals[0]}",
                hint="put it right in the source, or run it without --strict",
            )
        room = SHOWN - len(result.refusals)
        result.refusals += refusals[: max(room, 0)]
        result.refused += len(refusals)
        lines = (
            as_line((self.run_id, one.model, one.place, one.field, one.value[:_VALUE], one.reason))
            for one in refusals
        )
        copy(self.session, "import_refusals", _REFUSALS, "".join(f"{line}\n" for line in lines))

    def keep_table(self, result: ModelResult, table: str) -> int:
        """Keep the records aside that a table names; returns how many. Raises Stopped, too."""
        count: int = self.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 - our own name
        if not count:
            return 0
        room = 1 if self.is_strict else max(SHOWN - len(result.refusals), 0)
        rows = self.session.execute(
            text(f"SELECT place, field, value, reason FROM {table} ORDER BY n LIMIT :room"),  # noqa: S608 - quoted
            {"room": room},
        )
        refusals = [
            Refusal(
                model=result.model,
                place=int(row.place) if row.place.isdecimal() else row.place,
                reason=row.reason,
                field=row.field,
                value=row.value or "",
            )
            for row in rows
        ]
        if self.is_strict:
            self.keep(result, refusals)
        result.refusals += refusals
        result.refused += count
        self.session.execute(
            text(
                "INSERT INTO import_refusals (run_id, model, place, field, value, reason)"  # noqa: S608 - quoted
                " SELECT :run, :model, place, field, left(coalesce(value, ''), :longest), reason"
                f" FROM {table} ORDER BY n"
            ),
            {"run": self.run_id, "model": result.model, "longest": _VALUE},
        )
        return count


@dataclass(slots=True, kw_only=True)
class Stage:
    """The staging table of one model while it is filled, chunk by chunk.

    `unknown` counts records of which not even the key could be read.
    """

    part: Part
    importer: Importer
    result: ModelResult
    refused: Refused
    names: tuple[str, ...] = ()
    unknown: int = 0
    _is_known: bool = False
    _n: int = 0
    _line: Line | None = None
    _keys: Line | None = None
    _columns: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._columns = ("_n", "_place", *(column.name for column in self.part.columns))

    @property
    def is_known(self) -> bool:
        """Whether the source knows this model at all, be it without a record."""
        return self._is_known

    def take(self, session: Session, chunk: Chunk) -> None:
        """Write a chunk of the source's records into the table, in one transaction."""
        self._is_known = True
        if not chunk.names and not chunk.items:  # nothing is there, not even a header
            return
        if self._line is None or chunk.names != self.names:
            self.names = chunk.names
            self._line = compiled_lines(self.importer, chunk.names)
        refusals: list[Refusal] = []
        keys: list[str] = []
        lines = list(self._lines(self._line, chunk.items, refusals, keys))
        self._copy(session, lines, refusals)
        if keys:
            copy(session, self._table, ("_n", "_place", *self.part.key), "".join(keys))
        self.refused.keep(self.result, refusals)
        session.commit()

    def finished(self, session: Session) -> Part:
        """Let the planner know what is in the table; returns the part as it may be applied.

        Records of which not even the key was read may be any row, so then none is deleted.
        """
        known = ", ".join(quoted(name) for name in ("_n", *self.part.key))
        # Keys differ from each other: a small sample tells that as well as a large one.
        session.execute(text("SET LOCAL default_statistics_target = 10"))
        session.execute(text(f"ANALYZE {self._table} ({known})"))
        return replace(self.part, deletes=False) if self.unknown else self.part

    @property
    def _table(self) -> str:
        return stage_of(self.part)

    def _lines(
        self, line: Line, items: Sequence[Item], refusals: list[Refusal], keys: list[str]
    ) -> Iterator[str]:
        """Write the records as lines of COPY; those that cannot be used are refused."""
        n = self._n
        for item in items:
            n += 1
            if isinstance(item, Bad):
                self.unknown += 1
                refusals.append(self._refusal(item.place, item.reason, item.field, item.value))
                continue
            place, values = item
            try:
                written = line(values)
            except FieldProblem as problem:
                keys += self._key_of(n, place, values)
                refusals.append(self._refusal(place, problem.reason, problem.field, problem.value))
                continue
            if written is None:
                self.result.skipped += 1
            elif type(place) is int:
                yield f"{n}\t{place}\t{written}\n"
            else:
                yield f"{n}\t{as_text(place)}\t{written}\n"
        self._n = n
        self.result.read += len(items)

    def _key_of(self, n: int, place: Place, values: Sequence[object]) -> list[str]:
        """Read the key of a record that was refused, so that its row is not deleted."""
        try:
            if self._keys is None:
                fields = {one.name: one for one in self.importer.fields}
                only = tuple(fields[name] for name in self.part.key)
                one = type(self.importer)(key=self.part.key, fields=only)
                self._keys = compiled_lines(one, self.names)
            written = self._keys(values)
        except FieldProblem:
            written = None
        if written is None:
            self.unknown += 1
            return []
        return [f"{-n}\t{as_text(place)}\t{written}\n"]

    def _copy(self, session: Session, lines: Sequence[str], refusals: list[Refusal]) -> None:
        """Copy lines into the table; what PostgreSQL refuses is found by halving."""
        if not lines:
            return
        savepoint = session.begin_nested()
        try:
            copy(session, self._table, self._columns, "".join(lines))
        except psycopg2.DataError as error:
            savepoint.rollback()
            if len(lines) > 1:
                half = len(lines) // 2
                self._copy(session, lines[:half], refusals)
                self._copy(session, lines[half:], refusals)
                return
            self.unknown += 1
            words = str(error).splitlines()[0]
            refusals.append(self._refusal(lines[0].split("\t", 2)[1], words))
        else:
            savepoint.commit()

    def _refusal(self, place: Place, reason: str, field_: str = "", value: str = "") -> Refusal:
        return Refusal(
            model=self.part.model, place=place, reason=fit(reason), field=field_, value=fit(value)
        )


def copy(session: Session, table: str, columns: Sequence[str], lines: str) -> None:
    """Copy lines into a table, named as SQL names it. Raises psycopg2's errors."""
    names = ", ".join(map(quoted, columns))
    with cursor_of(session) as cursor:
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", StringIO(lines))
