# SPDX-License-Identifier: Apache-2.0
"""Writing XLSX workbooks: a sheet for each model, row by row.

A text is always written as text, so no spreadsheet calculates with it. Numbers of more digits
than a spreadsheet keeps are texts, too.
"""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from poser.errors import ImportFailed
from poser.importing.formats.placing import Placed
from poser.importing.formats.writers import Heading, Wants, Writer
from poser.importing.formats.xlsx_text import escaped

MOST_ROWS = 1_048_576
_LONGEST_TEXT = 32_767
_MOST_DIGITS = 15
_LONGEST_TITLE = 31


class XlsxWriter(Writer):
    """Writes one workbook to the path `to`."""

    wants = Wants.CELLS

    def __init__(self, to: str) -> None:
        self._to = to
        self._book = Workbook(write_only=True)
        self._sheet: Any = None
        self._title = ""
        self._rows = 0

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        """Save the workbook, or leave nothing."""
        if kind is not None:
            for sheet in self._book.worksheets:
                sheet.close()
            return
        with Placed() as placed:
            self._book.save(placed.new(Path(self._to)))

    def begin(self, heading: Heading) -> None:
        """Begin the sheet of a model and name its columns."""
        self._title = heading.title
        self._sheet = self._book.create_sheet(heading.title[:_LONGEST_TITLE])
        self._rows = 0
        self.write([heading.names])

    def write(self, rows: Sequence[Sequence[object]]) -> None:
        """Write rows. Raises ImportFailed for what a sheet cannot hold."""
        self._rows += len(rows)
        if self._rows > MOST_ROWS:
            raise ImportFailed(
                f"{self._title} has more than the {MOST_ROWS - 1:,} rows that a sheet can hold",
                hint="write CSV or NDJSON, or leave rows out",
            )
        for row in rows:
            self._sheet.append([self._cell(value) for value in row])

    def _cell(self, value: object) -> object:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            digits = Decimal(value).as_tuple().digits
            if len(digits) <= _MOST_DIGITS:
                return value
            value = format(Decimal(value), "f")
        if not isinstance(value, str):
            return value
        if len(value) > _LONGEST_TEXT:
            raise ImportFailed(
                f"{self._title}, row {self._rows}: a text is longer than the {_LONGEST_TEXT:,}"
                " characters that a cell can hold",
                hint="write CSV or NDJSON, or leave the field out with --without",
            )
        cell = WriteOnlyCell(self._sheet, value=escaped(value))
        cell.data_type = "s"
        return cell
