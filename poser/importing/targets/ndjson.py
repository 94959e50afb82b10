# SPDX-License-Identifier: Apache-2.0
"""NDJSON files that `poser import ndjson` reads back."""

from poser.importing.asked import Asked
from poser.importing.formats.text_writers import NdjsonWriter
from poser.importing.formats.writers import Writer
from poser.importing.generic import AllFields


class NdjsonFiles(AllFields):
    """NDJSON files, one for each model, with an object in each line."""

    key = "ndjson"
    where = "a file for one model, a folder for several, or - for standard output"

    def writer(self, asked: Asked) -> Writer:
        """Write NDJSON."""
        return NdjsonWriter(asked.where)
