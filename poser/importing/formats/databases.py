# SPDX-License-Identifier: Apache-2.0
"""Other databases as sources: any that SQLAlchemy has a driver for on this node.

What an importer calls its rows is a table or view, with its schema before a point where it
has one, or a query that begins with SELECT or WITH. All is read in one transaction that writes
nothing, row by row from a cursor on the server's side.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Self

from sqlalchemy import ColumnClause, Connection, column, create_engine, inspect, select, table, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.sql.expression import Executable

from poser.importing.compiling import is_normalized, said_names
from poser.importing.formats.addresses import POSTGRESQL, arguments, explained, url_of
from poser.importing.importer import Importer
from poser.importing.source import Item, Reached, Rows, Source

_FETCH = 2_000


class DatabaseSource(Source):
    """A database by its address, such as postgresql:///northwind, or the path of an SQLite file.

    A password does not belong on a command line: PostgreSQL's is read from ~/.pgpass.
    """

    def __init__(self, address: str) -> None:
        self.url, self.name = url_of(address)
        self._stack = ExitStack()
        self._connection: Connection | None = None
        self._reached = Reached()

    def __enter__(self) -> Self:
        """Connect, and begin a transaction that sees the same until its end."""
        with ExitStack() as stack, explained(self.name):
            engine = create_engine(self.url, hide_parameters=True, **arguments(self.url))
            stack.callback(engine.dispose)
            connection = stack.enter_context(engine.connect())
            if self.url.get_backend_name() == POSTGRESQL:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            self._connection = connection.execution_options(stream_results=True)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        """Disconnect."""
        self._connection = None
        self._stack.close()

    @property
    def connection(self) -> Connection:
        """The connection, while the source is open."""
        if self._connection is None:
            raise RuntimeError("the source is not open")
        return self._connection

    def rows(self, importer: Importer) -> Rows | None:
        """Read the table or query of an importer; None if there is no such table."""
        with explained(self.name):
            if _is_query(importer.said):
                return self._selected(importer, text(importer.said.replace(":", "\\:")))
            names = self.names(importer.said)
            if names is None:
                return None
            if not is_normalized(importer):  # the rest need not travel
                wanted = set(said_names(importer))
                names = tuple(name for name in names if name in wanted) or names
            schema, _, name = importer.said.rpartition(".")
            columns: list[ColumnClause[object]] = [column(each) for each in names]
            found = table(name, *columns, schema=schema or None)
            return self._selected(importer, select(*columns).select_from(found))

    def names_of(self, importer: Importer) -> tuple[str, ...] | None:
        """Give the names of the columns of an importer's table; None if there is none."""
        with explained(self.name):
            return self.names(importer.said)

    def names(self, said: str) -> tuple[str, ...] | None:
        """Give the names of the columns of a table or view; None if there is none."""
        schema, _, name = said.rpartition(".")
        inspector = inspect(self.connection)
        try:
            columns = inspector.get_columns(name, schema or None)
        except SQLAlchemyError as error:
            if isinstance(error, DBAPIError):
                raise
            return None
        return tuple(each["name"] for each in columns)

    def reached(self) -> Reached:
        """Say how many rows are read."""
        return self._reached

    def _selected(self, importer: Importer, query: Executable) -> Rows:
        result = self.connection.execute(query)
        what = "the query" if _is_query(importer.said) else importer.said

        def items() -> Iterator[Item]:
            number = 0
            with explained(self.name), result:
                while some := result.fetchmany(_FETCH):
                    for row in some:
                        number += 1
                        yield f"{what}, row {number}", row
                    self._reached.done += len(some)

        return Rows(names=tuple(result.keys()), items=items())


def _is_query(said: str) -> bool:
    return said.split(maxsplit=1)[0].lower() in {"select", "with"}
