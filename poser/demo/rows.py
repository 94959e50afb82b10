# SPDX-License-Identifier: Apache-2.0
"""Rows on their way into tables: collected for a while, then written by COPY."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from poser.importing.copying import as_line, copy_lines


class Rows:
    """Rows of several tables, written in the order in which the tables are declared.

    A statement writes one batch of a table, so that neither this program nor the triggers
    of PostgreSQL ever hold more than that.
    """

    def __init__(self, session: Session, tables: Mapping[str, Sequence[str]]) -> None:
        self._session = session
        self._tables = tables
        self._lines: dict[str, list[str]] = {name: [] for name in tables}
        self.written = 0

    def add(self, table: str, *values: object) -> None:
        """Add a row; `values` are in the order of the table's columns."""
        self._lines[table].append(as_line(values))

    @property
    def waiting(self) -> int:
        """How many rows of the fullest table wait to be written."""
        return max(len(lines) for lines in self._lines.values())

    def write(self) -> None:
        """Write what waits."""
        for table, columns in self._tables.items():
            lines = self._lines[table]
            copy_lines(self._session, table, columns, lines)
            self.written += len(lines)
            lines.clear()


def span(starts: date, ends: date | None) -> str:
    """Write a range of times from midnight UTC to midnight UTC, or open."""
    return f"[{starts} 00:00:00+00,{f'{ends} 00:00:00+00' if ends else ''})"
