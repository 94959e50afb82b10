# SPDX-License-Identifier: Apache-2.0
"""Import handlers of other systems' databases: all but which rows are which is said here."""

from typing import ClassVar

from poser.importing.asked import Asked
from poser.importing.formats.databases import DatabaseSource
from poser.importing.handler import ImportHandler
from poser.importing.source import Source


class FromDatabase(ImportHandler):
    """Another system's database; a subclass says its key, and importers for its tables.

    What an importer calls its rows is a table, a view or a query.
    """

    where: ClassVar[str] = (
        "address of its database, such as postgresql:///name, or path of its SQLite file"
    )

    def source(self, asked: Asked) -> Source:
        """Connect to the database, to read what is there at one moment."""
        return DatabaseSource(asked.where)
