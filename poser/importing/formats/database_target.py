# SPDX-License-Identifier: Apache-2.0
"""Other databases as targets: any that SQLAlchemy has a driver for on this node.

A table there is called as the model's is, and its columns as the fields are. All that a run
writes is one transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, time
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    and_,
    collate,
    column,
    create_engine,
    delete,
    insert,
    inspect,
    select,
    table,
    update,
)
from sqlalchemy.sql.expression import TableClause

from poser.errors import ImportFailed
from poser.importing.formats.addresses import POSTGRESQL, SQLITE, arguments, explained, url_of
from poser.importing.importer import Importer
from poser.importing.kinds import Kind, kind_of
from poser.importing.target import Target, Values

_FETCH = 2_000
# Texts are compared by code points, as Python does, whatever a column there says.
_BY_CODE_POINTS = {SQLITE: "BINARY", POSTGRESQL: "C", "mysql": "utf8mb4_bin"}


class DatabaseTarget(Target):
    """A database by its address, such as postgresql:///shop, or the path of an SQLite file."""

    def __init__(self, address: str) -> None:
        self._url, self.name = url_of(address, writes=True)
        self._stack = ExitStack()
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        """Connect, and begin the transaction."""
        with ExitStack() as stack, explained(self.name):
            engine = create_engine(self._url, hide_parameters=True, **arguments(self._url))
            stack.callback(engine.dispose)
            self._connection = stack.enter_context(engine.connect())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        """Keep everything, or nothing after an error."""
        with self._stack, explained(self.name):
            if kind is None:
                self._open.commit()
            else:
                self._open.rollback()
        self._connection = None

    @property
    def _open(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the target is not open")
        return self._connection

    def rows(self, importer: Importer) -> Iterator[Values]:
        """Give the rows by their key. Raises ImportFailed where table or columns are not there."""
        there = self._table(importer)
        kinds = [_kind(importer, field.name) for field in importer.fields]
        columns = [there.columns[field.name] for field in importer.fields]
        order = [self._ordered(importer, there, name) for name in importer.key]
        with explained(self.name):
            result = self._open.execute(
                select(*columns).order_by(*order), execution_options={"stream_results": True}
            )
            while some := result.fetchmany(_FETCH):
                for row in some:
                    yield tuple(
                        None if value is None else kind.read(value)
                        for kind, value in zip(kinds, row, strict=True)
                    )

    def create(self, importer: Importer, rows: Sequence[Values]) -> None:
        """Write new rows."""
        names = [field.name for field in importer.fields]
        records = [dict(zip(names, map(self._bound, row), strict=True)) for row in rows]
        with explained(self.name):
            self._open.execute(insert(self._table(importer)), records)

    def update(
        self, importer: Importer, rows: Sequence[tuple[Values, Mapping[str, object]]]
    ) -> None:
        """Change rows. Raises ImportFailed for one that is gone."""
        there = self._table(importer)
        for key, changed in rows:
            values = {name: self._bound(value) for name, value in changed.items()}
            with explained(self.name):
                done = self._open.execute(
                    update(there).where(self._is(importer, there, key)).values(values)
                )
            self._check_one(importer, key, done.rowcount)

    def delete(self, importer: Importer, keys: Sequence[Values]) -> None:
        """Delete rows. Raises ImportFailed for one that is gone."""
        there = self._table(importer)
        for key in keys:
            with explained(self.name):
                done = self._open.execute(delete(there).where(self._is(importer, there, key)))
            self._check_one(importer, key, done.rowcount)

    def _table(self, importer: Importer) -> TableClause:
        names = [field.name for field in importer.fields]
        with explained(self.name):
            inspector = inspect(self._open)
            known = inspector.has_table(importer.table)
            there = [one["name"] for one in inspector.get_columns(importer.table)] if known else []
        missing = [name for name in names if name not in there]
        if missing:
            what = f"{importer.table} lacks {', '.join(missing)}" if known else "there is no table"
            raise ImportFailed(
                f"{self.name}: {what}{'' if known else f' {importer.table}'}",
                hint="tables and columns there are called as ours; --fields names fewer",
            )
        return table(importer.table, *map(column, names))

    def _ordered(self, importer: Importer, there: TableClause, name: str) -> ColumnElement[Any]:
        by = _BY_CODE_POINTS.get(self._open.dialect.name)
        if by and isinstance(_column(importer, name).type, String):
            return collate(there.columns[name], by)
        return there.columns[name]

    def _is(self, importer: Importer, there: TableClause, key: Values) -> ColumnElement[bool]:
        pairs = zip(importer.key, key, strict=True)
        # PostgreSQL compares texts exactly, and its index would not fit another collation.
        exact = self._open.dialect.name != POSTGRESQL
        return and_(
            *(
                (self._ordered(importer, there, name) if exact else there.columns[name])
                == self._bound(value)
                for name, value in pairs
            )
        )

    def _bound(self, value: object) -> object:
        """Give a value as the driver takes it; SQLite's knows texts and plain numbers only."""
        if isinstance(value, UUID):
            return str(value)
        if self._open.dialect.name == SQLITE:
            if isinstance(value, Decimal):
                return format(value, "f")
            if isinstance(value, date | time):  # a moment is a date, too
                return value.isoformat()
        return value

    def _check_one(self, importer: Importer, key: Values, count: int) -> None:
        if count != 1:
            shown = ", ".join(map(str, key))
            raise ImportFailed(
                f"{self.name}: {count} rows of {importer.table} have the key {shown}, not one",
                hint="somebody changed it meanwhile; run it again",
            )


def _kind(importer: Importer, name: str) -> Kind:
    return kind_of(_column(importer, name))


def _column(importer: Importer, name: str) -> "Column[Any]":
    ours = importer.model.__table__
    assert isinstance(ours, Table)  # noqa: S101 - models are of tables
    found: Column[Any] = ours.columns[name]
    return found
