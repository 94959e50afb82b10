# SPDX-License-Identifier: Apache-2.0
"""Writing CSV and NDJSON: one file for each model, or standard output for one model."""

import codecs
import csv
import json
import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import BinaryIO, ClassVar

from poser.errors import ImportFailed
from poser.importing.formats.files import STANDARD_INPUT
from poser.importing.formats.formulas import with_apostrophe
from poser.importing.formats.placing import Placed
from poser.importing.formats.writers import Heading, Wants, Writer

STANDARD_OUTPUT = STANDARD_INPUT


class TextWriter(Writer):
    """Writes text files. `to` is a file for one model, a folder for several, or `-`."""

    ending: ClassVar[str]

    def __init__(self, to: str, *, encoding: str = "utf-8") -> None:
        self._to = to
        self._encoding = encoding
        self._encoder = codecs.getincrementalencoder(encoding)()
        self._placed = Placed()
        self._file: BinaryIO | None = None
        self._names: list[str] = []

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        """Move the files into their places, or leave none."""
        self._placed.__exit__(kind, None, None)

    def begin(self, heading: Heading) -> None:
        """Open the file of a model."""
        self._names.append(heading.title)
        folder = Path(self._to)
        if self._to == STANDARD_OUTPUT:
            self._only_one("standard output")
            self._file = sys.stdout.buffer
        elif folder.is_dir():
            self._file = self._placed.new(folder / f"{heading.title}{self.ending}")
        else:
            self._only_one(self._to)
            self._file = self._placed.new(folder)
        self._encoder.reset()  # each file begins with its own byte-order mark

    def put(self, text: str) -> None:
        """Write text into the file. Raises ImportFailed for what its encoding cannot say."""
        assert self._file is not None  # noqa: S101 - a model was begun
        try:
            self._file.write(self._encoder.encode(text))
        except UnicodeEncodeError as error:
            letter = error.object[error.start]
            raise ImportFailed(
                f"{self._names[-1]}: {self._encoding} has no letter {letter!r}",
                hint="leave --encoding out: utf-8 has all",
            ) from error
        except OSError as error:
            raise ImportFailed(
                f"cannot write {self._to}: {error.strerror}", hint="is the disk full?"
            ) from error

    def _only_one(self, what: str) -> None:
        if len(self._names) > 1:
            raise ImportFailed(
                f"{what} takes the rows of one model only, not {' and '.join(self._names)}",
                hint="make a folder, and name it with --to",
            )


class CsvWriter(TextWriter):
    """Writes CSV. Texts that a spreadsheet would calculate get an apostrophe unless `raw`."""

    wants = Wants.TEXTS
    ending = ".csv"

    def __init__(
        self, to: str, *, encoding: str = "utf-8", delimiter: str = ",", raw: bool = False
    ) -> None:
        super().__init__(to, encoding=encoding)
        self._delimiter = delimiter
        self._raw = raw
        self._texts: list[int] = []

    def begin(self, heading: Heading) -> None:
        """Open the file of a model and name its columns."""
        super().begin(heading)
        self._texts = [at for at, is_text in enumerate(heading.texts) if is_text]
        self._put_rows([heading.names])

    def write(self, rows: Sequence[Sequence[object]]) -> None:
        """Write rows; nothing is an empty value."""
        if self._raw:
            self._put_rows(rows)
            return
        safe = [list(row) for row in rows]
        for row in safe:
            for at in self._texts:
                if value := row[at]:
                    row[at] = with_apostrophe(str(value))
        self._put_rows(safe)

    def _put_rows(self, rows: Sequence[Sequence[object]]) -> None:
        text = StringIO()
        csv.writer(text, delimiter=self._delimiter, lineterminator="\r\n").writerows(rows)
        self.put(text.getvalue())


class NdjsonWriter(TextWriter):
    """Writes NDJSON: one object in each line."""

    wants = Wants.JSON
    ending = ".ndjson"

    def __init__(self, to: str) -> None:
        super().__init__(to)
        self._begins: list[str] = []

    def begin(self, heading: Heading) -> None:
        """Open the file of a model."""
        super().begin(heading)
        self._begins = [f"{json.dumps(name, ensure_ascii=False)}: " for name in heading.names]

    def write(self, rows: Sequence[Sequence[object]]) -> None:
        """Write rows, whose values are JSON already."""
        names, lines = self._begins, []
        for row in rows:
            values = [f"{name}{value}" for name, value in zip(names, row, strict=True)]
            lines.append(f"{{{', '.join(values)}}}\n")
        self.put("".join(lines))
