# SPDX-License-Identifier: Apache-2.0
"""Workbooks that `poser import xlsx` reads back."""

from poser.importing.asked import Asked
from poser.importing.formats.writers import Writer
from poser.importing.formats.xlsx_writer import XlsxWriter
from poser.importing.generic import AllFields


class Workbook(AllFields):
    """An XLSX workbook with a sheet for each model; texts are never calculated."""

    key = "xlsx"
    where = "a workbook to write"

    def writer(self, asked: Asked) -> Writer:
        """Write a workbook."""
        return XlsxWriter(asked.where)
