# SPDX-License-Identifier: Apache-2.0
"""CSV files that `poser import csv` reads back."""

from typing import ClassVar

from poser.importing.asked import Asked
from poser.importing.formats.dialect import said_delimiter
from poser.importing.formats.encoding import known_encoding
from poser.importing.formats.text_writers import CsvWriter
from poser.importing.formats.writers import Writer
from poser.importing.generic import AllFields, is_said
from poser.importing.handler import Option


class CsvFiles(AllFields):
    """CSV files, one for each model, whose columns are called as its fields are.

    A text that a spreadsheet would calculate, such as one that begins with =, gets an
    apostrophe, which importing takes off again.
    """

    key = "csv"
    where = "a file for one model, a folder for several, or - for standard output"
    options: ClassVar[tuple[Option, ...]] = (
        Option(name="encoding", help="The file's encoding.", default="utf-8"),
        Option(name="delimiter", help="What stands between values: ; or tab.", default=","),
        Option(name="raw", help="Leave texts as they are, for programs only.", is_flag=True),
    )

    def writer(self, asked: Asked) -> Writer:
        """Write CSV."""
        return CsvWriter(
            asked.where,
            encoding=known_encoding(asked.option("encoding", "utf-8")),
            delimiter=said_delimiter(asked.option("delimiter", ",")),
            raw=is_said(asked, "raw"),
        )
