# SPDX-License-Identifier: Apache-2.0
"""CSV files as sources: any dialect and encoding, found out and shown.

The first line names the columns, unless they are said. Values are taken as they stand, but an
apostrophe before a sign that spreadsheets calculate with: our exports put it there, and it is
taken off again.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Self

from poser.errors import ImportFailed
from poser.importing.formats.csv_reading import CsvOptions, CsvReading
from poser.importing.formats.files import STANDARD_INPUT, TextFile
from poser.importing.importer import Importer
from poser.importing.source import Reached, Rows, Source


class CsvSource(Source):
    """One CSV file; every importer gets its rows. `-` is standard input, which is read once."""

    def __init__(self, path: str, options: CsvOptions | None = None) -> None:
        self.name = "standard input" if path == STANDARD_INPUT else path
        self._path = path
        self._options = options or CsvOptions()
        self._stack = ExitStack()
        self._file: TextFile | None = None
        self._reading: CsvReading | None = None
        self._is_read = False

    def __enter__(self) -> Self:
        """Open it, so that a file that cannot be read, or has no header, is known at once."""
        self._open()
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self._stack.close()

    def names_of(self, importer: Importer) -> tuple[str, ...]:  # noqa: ARG002 - as in rows
        """Give the names of its columns; no row is taken."""
        return self._open().names if self._reading is None else self._reading.names

    def rows(self, importer: Importer) -> Rows:  # noqa: ARG002 - the file has one kind of rows
        """Read the file from its begin."""
        reading = self._open() if self._reading is None or self._is_read else self._reading
        self._is_read = True
        return Rows(names=reading.names, items=reading.items())

    def reached(self) -> Reached:
        """Say how many bytes of it are read."""
        return self._file.reached() if self._file else Reached(unit="bytes")

    def notes(self) -> Sequence[str]:
        """Say what was found out about it."""
        return tuple(self._reading.notes()) if self._reading else ()

    def _open(self) -> CsvReading:
        if self._is_read and self._path == STANDARD_INPUT:
            raise ImportFailed(
                "standard input can be read only once, for one model",
                hint="write it into a file first, or name one model",
            )
        self._stack.close()
        options = self._options
        with ExitStack() as stack:
            file = TextFile(self._path, encoding=options.encoding, limits=options.limits)
            self._file = stack.enter_context(file)
            self._reading = CsvReading(self._file, options)
            self._stack = stack.pop_all()
        self._is_read = False
        return self._reading
