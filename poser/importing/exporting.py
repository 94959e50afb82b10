# SPDX-License-Identifier: Apache-2.0
"""Exports: the same importers read the other way, from this node into files.

    class Shelves(ExportHandler):
        \"\"\"Products for the shelf labels of another system.\"\"\"

        key = "shelves"
        importers = (Products,)

        def writer(self, asked: Asked) -> Writer:
            return CsvWriter(asked.where)

Modules in `poser/importing/targets/`, and in the folder `exporting/` of an extension, are
looked through for handlers. All rows are of one moment, and no more than a few are in memory.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Engine,
    Enum,
    Integer,
    Numeric,
    String,
    Table,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from poser.db.transactions import unavailable
from poser.errors import ImportFailed
from poser.importing.asked import Asked
from poser.importing.choosing import limited
from poser.importing.compiling import is_normalized
from poser.importing.fields import UNSET, Field
from poser.importing.formats.writers import Heading, Wants, Writer
from poser.importing.handler import Option
from poser.importing.importer import Importer
from poser.importing.parts import quoted
from poser.importing.watching import Progress, Step, Watch, unwatched

_FETCH = 2_000
_FILE_NAME = re.compile(r"\w[\w .-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What came of an export: how many rows of each model went where."""

    key: str
    to: str
    rows: dict[str, int]


class ExportHandler(ABC):
    """One pair of systems, from Poser into another one.

    `key` is what people type; the first line of the docstring is its title. `where` says what
    `--to` means here. `importers` are in the order in which rows are written.
    """

    key: ClassVar[str]
    importers: ClassVar[tuple[type[Importer], ...]] = ()
    where: ClassVar[str] = "file or folder to write"
    options: ClassVar[tuple[Option, ...]] = ()

    def chosen(self, asked: Asked) -> Sequence[Importer]:  # noqa: ARG002 - some make them
        """Return the importers of an export, before `--fields` and the like."""
        return [one() for one in self.importers]

    @abstractmethod
    def writer(self, asked: Asked) -> Writer:
        """Return what writes the rows."""


def export(
    handler: ExportHandler, asked: Asked, engine: Engine, watch: Watch = unwatched
) -> Exported:
    """Write what is asked for, all of one moment; nothing is in its place before the end.

    Raises ImportFailed for what cannot be written, and Unavailable without the database.
    """
    if not asked.where:
        raise ImportFailed("nothing says where to write", hint=f"--to PLACE: {handler.where}")
    importers = limited(handler.chosen(asked), asked)
    counts: dict[str, int] = {}
    with _reading(engine) as session, handler.writer(asked) as writer:
        for importer in importers:
            count = 0
            writer.begin(_heading(importer))
            for rows in _rows(session, importer, writer.wants):
                writer.write(rows)
                count += len(rows)
                watch(Progress(step=Step.WRITING, model=importer.name, done=count))
            counts[importer.name] = count
    return Exported(key=handler.key, to=asked.where, rows=counts)


def _heading(importer: Importer) -> Heading:
    fields = _written(importer)
    return Heading(
        title=importer.said if _FILE_NAME.fullmatch(importer.said) else importer.table,
        names=tuple(field.said for field in fields),
        texts=tuple(_is_text(importer, field) for field in fields),
    )


def _written(importer: Importer) -> list[Field]:
    """Give the fields that an export has: each value of the other side once.

    Raises ImportFailed for what only goes in: a program's way is not known backwards.
    """
    if is_normalized(importer):
        raise ImportFailed(
            f"{importer.name} cannot be exported: a program reads its records",
            hint="its fields can be, in an importer without normalize",
        )
    written: dict[str, Field] = {}
    for field in importer.fields:
        is_copy = field.find is not None and field.find.take != "id"
        if field.value is UNSET and not is_copy:
            if field.read is not None and field.write is None:
                raise ImportFailed(
                    f"{importer.name}.{field.name} cannot be exported: code of its own reads it",
                    hint="the field's `write` says the opposite; --without leaves it out",
                )
            written.setdefault(field.said, field)
    return list(written.values())


def _rows(session: Session, importer: Importer, wants: Wants) -> Iterator[list[list[object]]]:
    """Read the rows of an importer from a cursor, some at a time."""
    fields = _written(importer)
    result = session.execute(text(_query(importer, fields, wants)))
    writes = [(at, field.write) for at, field in enumerate(fields) if field.write]
    while some := result.fetchmany(_FETCH):
        rows = [list(row) for row in some]
        for row in rows:
            for at, write in writes:
                made = write(row[at])
                row[at] = json.dumps(made, default=str) if wants is Wants.JSON else made
        yield rows


def _query(importer: Importer, fields: Sequence[Field], wants: Wants) -> str:
    joins, values = [], []
    for number, field in enumerate(fields):
        value = f"t.{quoted(field.name)}"
        if field.find is not None:
            table, alias = quoted(str(field.find.model.__tablename__)), f"f{number}"
            joins.append(f"LEFT JOIN {table} AS {alias} ON {alias}.id = {value}")
            value = f"{alias}.{quoted(field.find.by)}"
        values.append(_value(value, importer, field, wants))
    order = ", ".join(f"t.{quoted(column.name)}" for column in _table(importer.model).primary_key)
    scope = importer.scope.replace(":", r"\:")
    return (
        f"SELECT {', '.join(values)} FROM {quoted(importer.table)} AS t {' '.join(joins)}"  # noqa: S608 - quoted
        f"{f' WHERE {scope}' if scope else ''} ORDER BY {order}"
    )


def _value(value: str, importer: Importer, field: Field, wants: Wants) -> str:
    """Write a value as the writer wants it; what code of its own writes comes as it is."""
    if field.write is not None:
        return value
    if wants is Wants.JSON:
        return f"coalesce(to_json({value})::text, 'null')"
    is_cell = isinstance(_column(importer, field).type, Integer | Numeric | Boolean | Date)
    return value if wants is Wants.CELLS and is_cell else f"{value}::text"


def _is_text(importer: Importer, field: Field) -> bool:
    return isinstance(_column(importer, field).type, String | Enum)


def _column(importer: Importer, field: Field) -> "Column[Any]":
    """Give the column whose value is written."""
    if field.find is not None:
        return _table(field.find.model).columns[field.find.by]
    return _table(importer.model).columns[field.name]


def _table(model: type[DeclarativeBase]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - models are of tables
    return table


@contextmanager
def _reading(engine: Engine) -> Iterator[Session]:
    """Open a transaction that sees the same until its end, and writes nothing."""
    options = {
        "isolation_level": "REPEATABLE READ",
        "postgresql_readonly": True,
        "stream_results": True,
        "max_row_buffer": _FETCH,
    }
    try:
        connection = engine.connect()
    except OperationalError as error:
        raise unavailable(engine, error) from error
    with connection, Session(connection.execution_options(**options)) as session:
        try:
            yield session
        except DBAPIError as error:
            raise ImportFailed(
                f"the database did not give all rows: {' '.join(str(error.orig).split())}",
                hint="nothing was written; run it again",
            ) from error
