# SPDX-License-Identifier: Apache-2.0
"""What one place says about one setting: an environment variable, a line, a row."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID


class Origin(StrEnum):
    """Where a value was said; the order here is the order in which they win."""

    ENVIRONMENT = "environment"
    FILE = "file"
    DATABASE = "database"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One value of one setting as somebody wrote it; `key` is such as `web.workers`.

    `place` names file and line, variable or row for people. A relative path in the value
    starts from `folder`; where that is None, the value must not have one.
    """

    key: str
    value: str
    origin: Origin
    place: str
    folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table of settings.

    It holds for everybody, or for the users with one user role, and until `expires_at`
    (UTC) where that is given.
    """

    name: str
    value: str
    id: UUID | None = None
    user_role_id: UUID | None = None
    user_role: str = ""
    expires_at: datetime | None = None

    @property
    def entry(self) -> Entry:
        """What the row says, beside what files say."""
        return Entry(key=self.name, value=self.value, origin=Origin.DATABASE, place=self.place)

    @property
    def place(self) -> str:
        """Name the row for people."""
        return f"database, for user role {self.user_role}" if self.user_role else "database"
