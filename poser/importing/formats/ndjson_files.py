# SPDX-License-Identifier: Apache-2.0
"""NDJSON files as sources: one JSON object in each line.

A value inside an object has a name with a point: `department.number`. What values there are is
learned from the first records; a field that has a default may be missing in all of them.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Self

from poser.errors import ImportFailed
from poser.importing.formats.documents import AnyDocument, decoded, first_of, learned_names, rows_of
from poser.importing.formats.files import STANDARD_INPUT, TextFile
from poser.importing.importer import Importer
from poser.importing.opening import Limits
from poser.importing.source import Bad, Reached, Rows, Source

_SHOWN = 80


class NdjsonSource(Source):
    """One NDJSON file; every importer gets its records. `-` is standard input, read once."""

    def __init__(self, path: str, *, encoding: str = "", limits: Limits | None = None) -> None:
        self.name = "standard input" if path == STANDARD_INPUT else path
        self._path = path
        self._encoding = encoding
        self._limits = limits
        self._stack = ExitStack()
        self._file: TextFile | None = None
        self._first: list[AnyDocument] | None = None
        self._rest: Iterator[AnyDocument] = iter(())
        self._is_read = False

    def __enter__(self) -> Self:
        """Open it, so that a file that is not there is known at once."""
        self._open()
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self._stack.close()

    def rows(self, importer: Importer) -> Rows:
        """Read the file from its begin."""
        if self._is_read or self._first is None:
            self._open()
        self._is_read = True
        return rows_of(self._first or (), self._rest, importer)

    def names_of(self, importer: Importer) -> tuple[str, ...]:
        """Give the names of the values that the first records have; no record is taken."""
        return learned_names(self._first or (), importer)

    def reached(self) -> Reached:
        """Say how many bytes of it are read."""
        return self._file.reached() if self._file else Reached(unit="bytes")

    def notes(self) -> Sequence[str]:
        """Say what was found out about it."""
        if self._file is None or self._file.encoding.name == "utf-8":
            return ()
        return (f"{self.name}: encoding {self._file.encoding.name}",)

    def _open(self) -> None:
        if self._is_read and self._path == STANDARD_INPUT:
            raise ImportFailed(
                "standard input can be read only once, for one model",
                hint="write it into a file first, or name one model",
            )
        self._stack.close()
        with ExitStack() as stack:
            file = TextFile(self._path, encoding=self._encoding, limits=self._limits)
            self._file = stack.enter_context(file)
            self._rest = _documents(self._file)
            self._first = first_of(self._rest)
            self._stack = stack.pop_all()
        self._is_read = False


def _documents(file: TextFile) -> Iterator[AnyDocument]:
    is_begun = False
    for block in file.lines():
        if isinstance(block, Bad):
            yield block
            continue
        for place, text in enumerate(block.texts, start=block.first):
            if not text or text.isspace():
                continue
            if not is_begun and text.lstrip().startswith("["):
                raise ImportFailed(
                    f"{file.name}, line {place}: is one JSON list, not an object in each line",
                    hint="jq -c '.[]' FILE writes it so",
                )
            is_begun = True
            try:
                found = decoded(text)
            except ValueError as error:
                yield Bad(place, str(error), value=text[:_SHOWN])
                continue
            if isinstance(found, dict):
                yield place, found
            else:
                yield Bad(place, "is no JSON object, such as {...}", value=text[:_SHOWN])
