# SPDX-License-Identifier: Apache-2.0
"""Tables of other databases whose columns are called as fields are."""

from typing import ClassVar

from poser.importing.asked import Asked
from poser.importing.formats.databases import DatabaseSource
from poser.importing.generic import SHAPES, ByColumns
from poser.importing.handler import Option
from poser.importing.source import Source


class Database(ByColumns):
    """Tables or views of another database, called as ours are, with columns as our fields are.

    A view there is the quickest way to rename what is called otherwise. A password does not
    belong on a command line: PostgreSQL's is read from ~/.pgpass.
    """

    key = "database"
    where = "an address, such as postgresql://shop@host/name, or the path of an SQLite file"
    options: ClassVar[tuple[Option, ...]] = SHAPES

    def source(self, asked: Asked) -> Source:
        """Connect to the database."""
        return DatabaseSource(asked.where)

    def is_one_kind(self, asked: Asked) -> bool:  # noqa: ARG002 - whatever is asked
        """Say that a database has rows of many models."""
        return False
