# SPDX-License-Identifier: Apache-2.0
"""Questions and answers of a comparison as bytes: JSON, compressed."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from poser.datasync.digests import Bucket
from poser.datasync.wire import Garbled, unpacked

if TYPE_CHECKING:
    from poser.datasync.comparing import Side

_LEVEL = 1
_MOST = 10_000
"""How many rows may be asked for at once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question about a table: its `buckets`, the `hashes` of some, or some `rows`."""

    what: str
    table: str
    columns: Sequence[str]
    numbers: tuple[int, ...] = ()
    keys: tuple[UUID, ...] = ()

    def write(self) -> bytes:
        """Write the question."""
        said = {
            "what": self.what,
            "table": self.table,
            "columns": list(self.columns),
            "numbers": list(self.numbers),
            "keys": [str(key) for key in self.keys],
        }
        return json.dumps(said).encode()

    @classmethod
    def read(cls, data: bytes) -> "Asked":
        """Read a question; raises ValueError, KeyError or TypeError for what is none."""
        said: dict[str, Any] = json.loads(data)
        keys = tuple(UUID(key) for key in said["keys"])
        if said["what"] not in {"buckets", "hashes", "rows"} or len(keys) > _MOST:
            raise ValueError(f"{said['what']!r} of {len(keys)} rows")
        return cls(
            what=said["what"],
            table=str(said["table"]),
            columns=tuple(map(str, said["columns"])),
            numbers=tuple(map(int, said["numbers"])),
            keys=keys,
        )

    def answer(self, side: "Side") -> bytes:
        """Answer the question from what `side` has."""
        said: object
        match self.what:
            case "buckets":
                columns, found = side.buckets(self.table, self.columns)
                said = [columns, [[one.number, one.rows, one.total] for one in found.values()]]
            case "hashes":
                hashes = side.hashes(self.table, self.columns, self.numbers)
                said = [[str(key), one] for key, one in hashes.items()]
            case _:
                rows = side.rows(self.table, self.columns, self.keys)
                said = [[str(key), row] for key, row in rows.items()]
        return gzip.compress(json.dumps(said).encode(), _LEVEL, mtime=0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; raises Garbled where it is no answer to what was asked."""

    data: bytes

    def as_buckets(self) -> tuple[tuple[str, ...], dict[int, Bucket]]:
        """Return the columns that both have, and the buckets over these."""
        columns, found = self._read(2)
        return tuple(columns), {one[0]: Bucket(*one) for one in found}

    def as_hashes(self) -> dict[UUID, int]:
        """Return hashes by key."""
        return {UUID(key): int(one) for key, one in self._read()}

    def as_rows(self) -> dict[UUID, str]:
        """Return rows as JSON by key."""
        return {UUID(key): str(row) for key, row in self._read()}

    def _read(self, length: int | None = None) -> list[Any]:
        try:
            found = json.loads(unpacked(self.data))
        except ValueError as error:
            raise Garbled(str(error)) from error
        if not isinstance(found, list) or (length is not None and len(found) != length):
            raise Garbled("it is no answer")
        return found
