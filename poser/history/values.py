# SPDX-License-Identifier: Apache-2.0
"""What the history says, as values: a change of one record, and who made it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from poser.model.history import Fields, VersionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The transaction of a change: its author, see poser.db.authors. Times are UTC."""

    id: UUID
    at: datetime | None
    source: str
    user_id: UUID | None
    user_name: str
    via: str
    address: str
    comment: str
    origin: str

    def __str__(self) -> str:
        by = self.user_name or "nobody known"
        via = f": {self.via}" if self.via else ""
        origin = f" on {self.origin}" if self.origin else ""
        return f"{by}{origin} ({self.source or 'purged'}{via})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one statement did to one record.

    `old` and `new` hold the fields that changed in an update, all fields of an inserted or
    deleted row; values are text as PostgreSQL writes them. `statement` and `n` order the
    changes of one record.
    """

    table: str
    row_id: UUID
    kind: VersionKind
    at: datetime
    old: Fields
    new: Fields
    statement: int
    n: int
    made: Made

    @property
    def fields(self) -> tuple[str, ...]:
        """Name the fields that it set or removed, sorted."""
        return tuple(sorted(self.new.keys() | self.old.keys()))

    def to_json(self) -> dict[str, object]:
        """Return the change for a JSON report."""
        return asdict(self)
