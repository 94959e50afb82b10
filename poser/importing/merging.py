# SPDX-License-Identifier: Apache-2.0
"""Comparing with a target that is not one of this node's databases: two sorted streams.

Both sides come sorted by the key in the order of Python's own comparison (texts by code
points), so one record of each is in memory at a time. What differs is written down first, in
this node's database; only when limits allow it, it is written to the target.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from poser.errors import ImportFailed
from poser.importing.asked import Asked
from poser.importing.copying import as_line, as_text
from poser.importing.difference import LETTERS, difference_of
from poser.importing.importer import Importer
from poser.importing.parts import Column, Part, quoted
from poser.importing.result import Difference, Kind
from poser.importing.staging import copy, stage_of
from poser.importing.target import Target, Values

_CHUNK = 1_000
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_GONE = 10**15
"""Rows that only the target has are staged, too, under numbers below this one's negative."""


def part_for(_session: Session, importer: Importer, asked: Asked, stage: str) -> Part:
    """Tell what is known of a model whose table is elsewhere: its model says it."""
    columns = []
    for one in importer.fields:
        if one.find is not None:
            raise ImportFailed(
                f"{importer.name}.{one.name} refers to a row of this node, and its target is"
                " elsewhere",
                hint="give the value itself",
            )
        column = importer.model.__table__.columns[one.name]
        kind = column.type.compile(_DIALECT)
        columns.append(Column(name=one.name, type=kind, is_nullable=bool(column.nullable)))
    return Part(
        model=importer.name,
        table=importer.table,
        key=importer.key,
        columns=tuple(columns),
        stage=stage,
        creates=importer.creates if asked.creates is None else asked.creates,
        updates=importer.updates if asked.updates is None else asked.updates,
        deletes=importer.deletes if asked.deletes is None else asked.deletes,
        allow_empty=asked.allow_empty,
    )


@dataclass(slots=True, kw_only=True)
class Merge:
    """One model of a run, and where its changes go."""

    session: Session
    part: Part
    importer: Importer
    target: Target
    asked: Asked
    rows: int = 0
    _gone: int = 0
    _keys: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = [column.name for column in self.part.columns]
        self._keys = tuple(names.index(name) for name in self.part.key)

    def compare(self) -> None:
        """Write down what differs. Raises ImportFailed when a side is not sorted."""
        session, table = self.session, difference_of(self.part)
        session.execute(text(f"DROP TABLE IF EXISTS {table}"))
        session.execute(
            text(
                f"CREATE TEMPORARY TABLE {table}"
                ' (n bigint, kind "char", key text, old jsonb, new jsonb, changed text[])'
            )
        )
        changes = self._changes()
        while some := list(islice(changes, _CHUNK)):
            lines = "".join(f"{line}\n" for line, _values in some)
            copy(session, table, ("n", "kind", "key", "old", "new", "changed"), lines)
            if gone := "".join(values for _line, values in some):
                names = ("_n", *(column.name for column in self.part.columns))
                copy(session, stage_of(self.part), names, gone)

    def count(self) -> int:
        """Tell how many rows the target has; it is compared."""
        return self.rows

    def keep(self, run_id: UUID, limit: int | None = None) -> None:
        """Keep the changes with the run: no history has them."""
        rows = f"SELECT * FROM {difference_of(self.part)} ORDER BY kind, abs(n)"  # noqa: S608 - quoted
        if limit is not None:
            rows += f" LIMIT {int(limit)}"
        names = " ".join(f"WHEN '{letter}' THEN '{kind}'" for kind, letter in LETTERS.items())
        self.session.execute(
            text(
                "INSERT INTO import_changes (run_id, model, kind, key, old, new)"  # noqa: S608 - quoted
                f" SELECT :run, :model, CASE kind {names} END, key, old, new FROM ({rows}) AS d"
            ),
            {"run": run_id, "model": self.part.model},
        )

    def write(self, kind: Kind) -> None:
        """Write the changes of one kind to the target, in chunks."""
        rows = self._staged(kind)
        while some := list(islice(rows, _CHUNK)):
            self._write(kind, some)

    def samples(self, limit: int) -> Iterator[Difference]:
        """Give the first changes of each kind."""
        for kind, letter in LETTERS.items():
            rows = self.session.execute(
                text(
                    f"SELECT key, old, new FROM {difference_of(self.part)}"  # noqa: S608 - quoted
                    f" WHERE kind = '{letter}' ORDER BY abs(n) LIMIT {int(limit)}"
                )
            )
            for key, old, new in rows:
                yield Difference(model=self.part.model, kind=kind, key=key, old=old, new=new)

    def _write(self, kind: Kind, some: Sequence[tuple[Values, Sequence[str]]]) -> None:
        if kind is Kind.CREATE:
            self.target.create(self.importer, [values for values, _changed in some])
        elif kind is Kind.DELETE:
            self.target.delete(self.importer, [self._key(values) for values, _changed in some])
        else:
            names = [column.name for column in self.part.columns]
            rows: list[tuple[Values, Mapping[str, object]]] = []
            for values, changed in some:
                of = dict(zip(names, values, strict=True))
                rows.append((self._key(values), {name: of[name] for name in changed}))
            self.target.update(self.importer, rows)

    def _staged(self, kind: Kind) -> Iterator[tuple[Values, Sequence[str]]]:
        columns = ", ".join(f"s.{quoted(column.name)}" for column in self.part.columns)
        rows = self.session.execute(
            text(
                f"SELECT d.changed, {columns} FROM {difference_of(self.part)} AS d"  # noqa: S608 - quoted
                f" JOIN {stage_of(self.part)} AS s ON s._n = d.n"
                f" WHERE d.kind = '{LETTERS[kind]}' ORDER BY abs(d.n)"
            ),
            execution_options={"yield_per": _CHUNK},
        )
        for changed, *values in rows:
            yield self._typed(values), changed or ()

    def _changes(self) -> Iterator[tuple[str, str]]:
        """Walk both sides in step; gives lines for the difference, and for rows to be deleted."""
        mine, theirs = self._sorted(self._ours(), "source"), self._sorted(self._live(), "target")
        one, other = next(mine, None), next(theirs, None)
        while one or other:
            if other is None or (one and one[0] < other[0]):
                assert one is not None  # noqa: S101 - one of them is there
                if one[1] > 0:
                    yield self._line(one[1], Kind.CREATE, None, one[2]), ""
                one = next(mine, None)
            elif one is None or other[0] < one[0]:
                if self.part.deletes:
                    self._gone += 1
                    n = -(_GONE + self._gone)
                    yield self._line(n, Kind.DELETE, other[2], None), as_line((n, *other[2])) + "\n"
                other = next(theirs, None)
            else:
                if one[1] > 0 and self._differing(other[2], one[2]):
                    yield self._line(one[1], Kind.UPDATE, other[2], one[2]), ""
                one, other = next(mine, None), next(theirs, None)

    def _ours(self) -> Iterator[tuple[int, Values]]:
        """Give the staged records by key; of refused ones the key only, under its number."""
        columns = ", ".join(quoted(column.name) for column in self.part.columns)
        keys = ", ".join(
            f'{quoted(column.name)} COLLATE "C"' if _is_text(column) else quoted(column.name)
            for column in map(self.part.column, self.part.key)
        )
        rows = self.session.execute(
            text(f"SELECT _n, {columns} FROM {stage_of(self.part)} ORDER BY {keys}, _n DESC"),  # noqa: S608 - quoted
            execution_options={"yield_per": _CHUNK},
        )
        for n, *values in rows:
            yield n, self._typed(values)

    def _live(self) -> Iterator[tuple[int, Values]]:
        for values in self.target.rows(self.importer):
            self.rows += 1
            yield 0, values

    def _sorted(
        self, rows: Iterator[tuple[int, Values]], side: str
    ) -> Iterator[tuple[Values, int, Values]]:
        before: Values | None = None
        for n, values in rows:
            key = self._key(values)
            if n < 0 and key == before:  # it was refused, and another record has its key
                continue
            if before is not None and not before < key:
                raise ImportFailed(
                    f"the rows of the {side} are not sorted by {', '.join(self.part.key)},"
                    f" or have one key twice: {key} comes after {before}",
                    hint='texts are sorted by code points, as with COLLATE "C"',
                )
            before = key
            yield key, n, values

    def _differing(self, old: Values, new: Values) -> list[str]:
        return [
            column.name
            for place, column in enumerate(self.part.columns)
            if place not in self._keys and old[place] != new[place]
        ]

    def _line(self, n: int, kind: Kind, old: Values | None, new: Values | None) -> str:
        names = [column.name for column in self.part.columns]
        changed = self._differing(old, new) if old is not None and new is not None else names
        told = [
            json.dumps(
                {
                    name: None if value is None else str(value)
                    for name, value in zip(names, side or (), strict=False)
                    if name in changed
                }
            )
            for side in (old, new)
        ]
        key = ", ".join(
            "nothing" if one is None else str(one) for one in self._key(old or new or ())
        )
        listed = "{" + ",".join(changed) + "}"
        return as_line((n, LETTERS[kind], key, *told, listed))

    def _key(self, values: Values) -> Values:
        return tuple(values[place] for place in self._keys)

    def _typed(self, values: Sequence[Any]) -> Values:
        """Give ids as ids: psycopg2 reads them as texts."""
        return tuple(
            UUID(value) if column.type.lower() == "uuid" and isinstance(value, str) else value
            for value, column in zip(values, self.part.columns, strict=True)
        )


def _is_text(column: Column) -> bool:
    return as_text(column.type).lower().startswith(("text", "varchar", "char"))
