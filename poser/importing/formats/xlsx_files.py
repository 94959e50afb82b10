# SPDX-License-Identifier: Apache-2.0
"""XLSX workbooks as sources, read row by row.

A sheet is found by what the importer calls its rows; a workbook with one sheet has that one
for all. Numbers, days and texts come as the spreadsheet has them; of a formula its result does,
which the program that wrote the file has left there.
"""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any, Self
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from poser.errors import ImportFailed
from poser.importing.formats.files import check_unchanged, looks
from poser.importing.formats.headers import header, nameless
from poser.importing.formats.xlsx_text import unescaped
from poser.importing.importer import Importer
from poser.importing.opening import MIB, Limits
from poser.importing.source import Bad, Item, Reached, Rows, Source

_PROBLEMS = (
    InvalidFileException,
    zipfile.BadZipFile,
    OSError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    ParseError,
)  # fmt: skip - what the library raises for files that others broke
_FORMULA = (b"<f>", b"<f ")


class XlsxSource(Source):
    """One workbook. `sheet` names the sheet, whatever the importer calls its rows."""

    def __init__(self, path: str, *, sheet: str = "", limits: Limits | None = None) -> None:
        self.name = path
        self._sheet = sheet
        self._limits = limits or Limits()
        self._books: list[Workbook] = []
        self._before = looks(path)
        self._reached = Reached()
        self._notes: dict[str, None] = {}

    def __enter__(self) -> Self:
        """Open it. Raises ImportFailed for what is no workbook."""
        with _explained(self.name):
            self._check_size()
            self._books.append(_opened(self.name, data_only=True))
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        while self._books:
            self._books.pop().close()

    def rows(self, importer: Importer) -> Rows | None:
        """Read the sheet of an importer; None if the workbook has none of that name."""
        title = self._title(importer)
        if title is None:
            return None
        with _explained(self.name):
            cells = self._cells(title)
            place, first = next(((place, row) for place, row in cells if _has(row)), (1, ()))
        if not first:
            raise ImportFailed(
                f"{self.name}, sheet {title}: is empty: there is no row that names columns",
                hint="check that it is the right sheet",
            )
        width = max(number for number, value in enumerate(first, start=1) if value is not None)
        names = header(first[:width], f"sheet {title}, row {place}", self.name)
        self._notes[f"{self.name}: sheet {title}"] = None
        if without := nameless(names):
            self._notes[f"{self.name}, sheet {title}: {without}"] = None
        return Rows(names=names, items=self._items(title, cells, names))

    def reached(self) -> Reached:
        """Say how many rows are read."""
        return self._reached

    def notes(self) -> Sequence[str]:
        """Say which sheets were read."""
        return tuple(self._notes)

    def names_of(self, importer: Importer) -> tuple[str, ...] | None:
        """Give the names of the columns of an importer's sheet; None if there is none."""
        rows = self.rows(importer)
        return None if rows is None else rows.names

    def _title(self, importer: Importer) -> str | None:
        titles = self._books[0].sheetnames
        by_name = {title.strip().lower(): title for title in titles}
        if self._sheet:
            if self._sheet.lower() not in by_name:
                near = get_close_matches(self._sheet, titles, n=1)
                raise ImportFailed(
                    f"{self.name}: there is no sheet {self._sheet!r}",
                    hint=f"did you mean {near[0]!r}?" if near else f"it has {', '.join(titles)}",
                )
            return by_name[self._sheet.lower()]
        found = by_name.get(importer.said.lower()) or by_name.get(importer.name.lower())
        return titles[0] if found is None and len(titles) == 1 else found

    def _items(
        self, title: str, cells: Iterator[tuple[int, Sequence[Any]]], names: Sequence[str]
    ) -> Iterator[Item]:
        width = len(names)
        with _explained(self.name):
            for number, row in cells:
                self._reached.done += 1
                if not _has(row):
                    continue
                place = f"sheet {title}, row {number}"
                wrong = next((value for value in row if isinstance(value, _Wrong)), None)
                if wrong is not None:
                    at = row.index(wrong)
                    name = names[at] if at < width else ""
                    yield Bad(place, wrong.reason, field=name, value=wrong.value)
                elif _has(row[width:]):
                    yield Bad(place, f"has values beyond the {width} columns that are named")
                else:
                    values = [
                        unescaped(value) if isinstance(value, str) else value
                        for value in row[:width]
                    ]
                    yield place, values + [None] * (width - len(values))
        check_unchanged(self.name, self._before)

    def _cells(self, title: str) -> Iterator[tuple[int, Sequence[Any]]]:
        """Give the values of each row, with its number."""
        sheet = self._books[0][title]
        sheet.reset_dimensions()  # some programs write wrong ones
        rows = enumerate(sheet.iter_rows(values_only=True), start=1)
        if not self._has_formulas():
            return ((number, _checked(row)) for number, row in rows)
        if len(self._books) == 1:
            self._books.append(_opened(self.name, data_only=False))
        written = self._books[1][title]
        written.reset_dimensions()
        pairs = zip(rows, written.iter_rows(values_only=True), strict=False)
        return ((number, _checked(row, formulas)) for (number, row), formulas in pairs)

    def _has_formulas(self) -> bool:
        with zipfile.ZipFile(self.name) as packed:
            for name in packed.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    with packed.open(name) as sheet:
                        before = b""
                        while piece := sheet.read(MIB):
                            if any(mark in before + piece for mark in _FORMULA):
                                return True
                            before = piece[-3:]
        return False

    def _check_size(self) -> None:
        """Refuse a workbook that unpacks to far more than a real one does."""
        with zipfile.ZipFile(self.name) as packed:
            sizes = [(each.file_size, each.compress_size) for each in packed.infolist()]
        unpacked, size = (sum(each) for each in zip(*sizes, strict=True)) if sizes else (0, 0)
        limits = self._limits
        allowed = max(limits.free_mib * MIB, limits.ratio * size)
        if unpacked > min(allowed, limits.largest_mib * MIB):
            raise ImportFailed(
                f"{self.name}: unpacks to {unpacked // MIB} MiB, as a zip bomb does",
                hint="save what is needed of it as CSV, if you trust the file",
            )


class _Wrong:
    """A cell that has no value that can be used."""

    def __init__(self, reason: str, value: str) -> None:
        self.reason = reason
        self.value = value


_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"))


def _checked(row: Sequence[Any], formulas: Sequence[Any] = ()) -> Sequence[Any]:
    """Mark the cells whose formula has failed, or has no result in the file."""
    if not formulas and _ERRORS.isdisjoint(value for value in row if isinstance(value, str)):
        return row
    checked = list(row)
    for at, value in enumerate(row):
        if isinstance(value, str) and value in _ERRORS:
            checked[at] = _Wrong("is an error of the spreadsheet", value)
        formula = formulas[at] if at < len(formulas) else None
        if value is None and isinstance(formula, str) and formula.startswith("="):
            reason = "is a formula without a result; open and save the workbook once"
            checked[at] = _Wrong(reason, formula)
    return checked


def _has(row: Sequence[Any]) -> bool:
    return any(value is not None and value != "" for value in row)


def _opened(path: str, *, data_only: bool) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about pictures and styles, which nobody reads here
        return load_workbook(path, read_only=True, data_only=data_only, keep_links=False)


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Say in one sentence that a file is no workbook, or a broken one."""
    try:
        yield
    except FileNotFoundError as error:
        raise ImportFailed(
            f"cannot read {path}: {error.strerror}", hint="check the path and its permissions"
        ) from error
    except ImportFailed:
        raise
    except _PROBLEMS as error:
        raise ImportFailed(
            f"{path} is no XLSX workbook, or a broken one: {error}",
            hint="save it as .xlsx or .csv in the spreadsheet program; .xls is too old",
        ) from error
