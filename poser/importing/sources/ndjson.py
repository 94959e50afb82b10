# SPDX-License-Identifier: Apache-2.0
"""NDJSON files whose values are called as fields are."""

from typing import ClassVar

from poser.importing.asked import Asked
from poser.importing.formats.ndjson_files import NdjsonSource
from poser.importing.generic import ENCODING, SHAPES, ByColumns, file_or_folder
from poser.importing.handler import Option
from poser.importing.source import Source


class NdjsonFiles(ByColumns):
    """NDJSON files, an object in each line, whose values are called as the fields of a model are.

    Of a folder each model gets the file that is called as its table, such as products.ndjson.
    """

    key = "ndjson"
    where = "an NDJSON file, - for standard input, or a folder of them"
    options: ClassVar[tuple[Option, ...]] = (*SHAPES, ENCODING)

    def source(self, asked: Asked) -> Source:
        """Open the file, or the folder."""
        encoding = asked.option("encoding")
        return file_or_folder(
            asked, lambda path: NdjsonSource(path, encoding=encoding), ".ndjson", ".jsonl"
        )
