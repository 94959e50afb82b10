# SPDX-License-Identifier: Apache-2.0
"""CSV files whose columns are called as fields are."""

from poser.importing.asked import Asked
from poser.importing.formats.csv_files import CsvSource
from poser.importing.generic import CSV_OPTIONS, SHAPES, ByColumns, csv_options, file_or_folder
from poser.importing.source import Source


class CsvFiles(ByColumns):
    """CSV files whose columns are called as the fields of a model are.

    The dialect and the encoding are found out and shown. `department.number` is a column with
    numbers of departments. Of a folder each model gets the file that is called as its table,
    such as products.csv.
    """

    key = "csv"
    where = "a CSV file, - for standard input, or a folder of them"
    options = (*SHAPES, *CSV_OPTIONS)

    def source(self, asked: Asked) -> Source:
        """Open the file, or the folder."""
        options = csv_options(asked)
        return file_or_folder(asked, lambda path: CsvSource(path, options), ".csv", ".tsv", ".txt")
