# SPDX-License-Identifier: Apache-2.0
"""Reading one CSV file once: its dialect, the names of its columns, and its records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from poser.errors import ImportFailed
from poser.importing.formats.csv_records import Records, csv_records
from poser.importing.formats.dialect import Dialect, found_dialect, said_delimiter
from poser.importing.formats.encoding import Encoding, example
from poser.importing.formats.files import TextFile
from poser.importing.formats.formulas import may_be_marked, without_apostrophe
from poser.importing.formats.headers import header, nameless
from poser.importing.formats.text_lines import Lines
from poser.importing.opening import Limits
from poser.importing.source import Bad, Item, Place

_SAMPLE_LINES = 200
_SEPARATOR_LINE = len("sep=;")  # spreadsheets write it before the header
_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvOptions:
    """What a person says about a CSV file; what is not said is found out.

    With `columns` the file has no line that names them. `raw` keeps apostrophes before signs of
    formulas; `trim` takes blanks off around values.
    """

    encoding: str = ""
    delimiter: str = ""
    columns: tuple[str, ...] = ()
    raw: bool = False
    trim: bool = False
    limits: Limits | None = None


class CsvReading:
    """One file, of which the first lines are read: `names` are those of its columns.

    Raises ImportFailed where the file names no columns, or two the same.
    """

    def __init__(self, file: TextFile, options: CsvOptions) -> None:
        self.name = file.name
        self._options = options
        self._is_marked = False
        self._taken_off = 0
        blocks = file.lines()
        sample = next(blocks, Lines(1, []))
        if isinstance(sample, Bad):
            raise self._failed(sample.place, sample.reason)
        dialect, sample = self._dialect(sample)
        self._records = csv_records(self._watched(chain([sample], blocks)), dialect)
        self.names = self._header()
        self._found = f"{self.name}: encoding {_shown(file.encoding, sample.texts)}; {dialect}"

    def items(self) -> Iterator[Item]:
        """Give its records; one of another width than the header is bad, an empty one is none."""
        width = len(self.names)
        for some in self._records:
            if isinstance(some, Bad):
                yield some
                continue
            rows = self._put_right(some.rows)
            if set(map(len, rows)) == {width} and all(map(any, rows)):
                yield from zip(some.places, rows, strict=True)
                continue
            for place, row in zip(some.places, rows, strict=True):
                if any(row):
                    yield (place, row) if len(row) == width else _ragged(place, row, width)

    def notes(self) -> Iterator[str]:
        """Say what was found out about it."""
        yield self._found
        if without := nameless(self.names):
            yield f"{self.name}: {without}"
        if self._taken_off:
            what = "1 value" if self._taken_off == 1 else f"{self._taken_off} values"
            yield (
                f"{self.name}: {what} began with an apostrophe before a sign of formulas;"
                " it was taken off (--raw keeps it)"
            )

    def _dialect(self, sample: Lines) -> tuple[Dialect, Lines]:
        """Find the dialect, and leave out a first line that only says it."""
        said = said_delimiter(self._options.delimiter) if self._options.delimiter else ""
        first = sample.texts[0].rstrip("\r") if sample.texts else ""
        if first.lower().startswith("sep=") and len(first) == _SEPARATOR_LINE:
            said = said or first[-1]
            sample = Lines(sample.first + 1, sample.texts[1:])
        return found_dialect(sample.texts[:_SAMPLE_LINES], said), sample

    def _header(self) -> tuple[str, ...]:
        """Take the names of columns off the records, unless they were said."""
        if self._options.columns:
            return header(self._options.columns, "--columns", self.name)
        for some in self._records:
            if isinstance(some, Bad):
                raise self._failed(some.place, some.reason)
            for at, row in enumerate(some.rows):
                if any(row):
                    rest = Records(some.places[at + 1 :], some.rows[at + 1 :])
                    self._records = chain([rest], self._records)
                    return header(row, some.places[at], self.name)
        raise ImportFailed(
            f"{self.name}: is empty: there is no line that names columns",
            hint="check that it is the right file, and that it was written whole",
        )

    def _watched(self, blocks: Iterable[Lines | Bad]) -> Iterator[Lines | Bad]:
        """Look for marks of formulas, so that values are searched only where there are some."""
        for block in blocks:
            if not self._is_marked and isinstance(block, Lines):
                self._is_marked = may_be_marked("\n".join(block.texts))
            yield block

    def _put_right(self, rows: list[list[str]]) -> list[list[str]]:
        if self._options.trim:
            rows = [[value.strip() for value in row] for row in rows]
        if self._is_marked and not self._options.raw:
            rows = [[self._unmarked(value) for value in row] for row in rows]
        return rows

    def _unmarked(self, value: str) -> str:
        text = without_apostrophe(value)
        self._taken_off += text is not value
        return text

    def _failed(self, place: Place, reason: str) -> ImportFailed:
        return ImportFailed(
            f"{self.name}, line {place}: {reason}",
            hint="the first line has to name the columns; --encoding says another encoding",
        )


def _ragged(place: Place, row: list[str], width: int) -> Bad:
    values = "1 value" if len(row) == 1 else f"{len(row)} values"
    shown = " | ".join(row)[:_SHOWN]
    return Bad(place, f"has {values} where the header names {width} columns", value=shown)


def _shown(encoding: Encoding, texts: Iterable[str]) -> str:
    """Say the encoding for people, with a word that shows whether it is right."""
    word = next(filter(None, map(example, texts)), "")
    return f"{encoding.name} ({encoding.known}{f', such as {word}' if word else ''})"
