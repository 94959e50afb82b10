# SPDX-License-Identifier: Apache-2.0
"""Handlers of CSV files whose columns are called otherwise than our fields are."""

from typing import ClassVar

from poser.importing.asked import Asked
from poser.importing.formats.csv_files import CsvSource
from poser.importing.generic import CSV_OPTIONS, csv_options, file_or_folder
from poser.importing.handler import ImportHandler, Option
from poser.importing.source import Source


class FromCsv(ImportHandler):
    """Reads a CSV file, or of a folder the file that is called as each importer's `source` is.

    A subclass says its `key` and its `importers`.
    """

    where = "a CSV file, - for standard input, or a folder of them"
    options: ClassVar[tuple[Option, ...]] = CSV_OPTIONS

    def source(self, asked: Asked) -> Source:
        """Open the file, or the folder."""
        options = csv_options(asked)
        return file_or_folder(asked, lambda path: CsvSource(path, options), ".csv", ".tsv", ".txt")
