# SPDX-License-Identifier: Apache-2.0
"""Workbooks whose columns are called as fields are."""

from typing import ClassVar

from poser.importing.asked import Asked
from poser.importing.formats.xlsx_files import XlsxSource
from poser.importing.generic import SHAPES, ByColumns
from poser.importing.handler import Option
from poser.importing.source import Source


class Workbook(ByColumns):
    """An XLSX workbook whose columns are called as the fields of a model are.

    Each model gets the sheet that is called as it or its table is, such as Products. Of a
    workbook with one sheet the model has to be named.
    """

    key = "xlsx"
    where = "a workbook"
    options: ClassVar[tuple[Option, ...]] = (
        *SHAPES,
        Option(name="sheet", help="The sheet to read, whatever it is called."),
    )

    def source(self, asked: Asked) -> Source:
        """Open the workbook."""
        return XlsxSource(asked.where, sheet=asked.option("sheet"))

    def is_one_kind(self, asked: Asked) -> bool:
        """Say whether a sheet was named: then it is for one model."""
        return bool(asked.option("sheet"))
