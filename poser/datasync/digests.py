# SPDX-License-Identifier: Apache-2.0
"""What a node has of a table, told by hashes: of buckets of rows, then of the rows of some.

A row's hash is the first half of the MD5 of what would be sent of it; a bucket holds the rows whose
ids end alike, and its hash is the sum of theirs. MD5 finds what differs by accident, and nobody
gains anything by making two rows look alike: who may write a row need not hide it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.datasync.declared import Synced
from poser.datasync.reading import Reader
from poser.model import NodeKind

BUCKETS = 4096
_DIGITS = 3  # of sixteen values each: so many buckets


@dataclass(frozen=True, slots=True)
class Bucket:
    """The rows of a table whose ids end in `number`: how many, and the sum of their hashes."""

    number: int
    rows: int
    total: int


def buckets(
    session: Session, table: Synced, columns: Sequence[str], reader: Reader
) -> dict[int, Bucket]:
    """Return the buckets of a table that are not empty, of the rows that `reader` has."""
    found = session.execute(
        text(
            f"SELECT b, count(*), sum(h)::text FROM ({_hashes(table, columns, reader)}) AS x"  # noqa: S608
            " GROUP BY b"
        ),
        _words(reader),
    )
    return {row[0]: Bucket(row[0], row[1], int(row[2])) for row in found}


def hashes(
    session: Session,
    table: Synced,
    columns: Sequence[str],
    reader: Reader,
    numbers: Collection[int],
) -> dict[UUID, int]:
    """Return the hash of each row of some buckets."""
    found = session.execute(
        text(
            f"SELECT id, h FROM ({_hashes(table, columns, reader)}) AS x"  # noqa: S608
            " WHERE b = ANY (CAST(:numbers AS int[]))"
        ),
        {**_words(reader), "numbers": list(numbers)},
    )
    return {row[0]: row[1] for row in found}


def rows(
    session: Session,
    table: Synced,
    columns: Sequence[str],
    reader: Reader,
    keys: Collection[UUID],
) -> dict[UUID, str]:
    """Return rows as they are sent, as JSON; those that `reader` does not have are left out."""
    found = session.execute(
        text(
            f"SELECT r.id, CAST(({_row(columns)}) AS text) FROM {table.name} AS r"  # noqa: S608
            f" WHERE r.id = ANY (CAST(:keys AS uuid[])) AND {_has(table, reader)}"
        ),
        {**_words(reader), "keys": [str(key) for key in keys]},
    )
    return {row[0]: row[1] for row in found}


def differing(ours: Mapping[int, Bucket], theirs: Mapping[int, Bucket]) -> list[int]:
    """Return the numbers of the buckets that differ."""
    return sorted(n for n in ours.keys() | theirs.keys() if ours.get(n) != theirs.get(n))


def common(table: Synced, columns: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the columns of a table that both sides have."""
    sent = set(columns.get(table.name, ()))
    return (name for name in table.columns if name in sent)


def _hashes(table: Synced, columns: Sequence[str], reader: Reader) -> str:
    hashed = f"md5(CAST(({_row(columns)}) AS text))"
    return (
        f"SELECT r.id, CAST(('x' || left({hashed}, 16)) AS bit(64))::bigint AS h,"  # noqa: S608
        f" CAST(CAST(('x' || right(CAST(r.id AS text), {_DIGITS})) AS bit(12)) AS int) AS b"
        f" FROM {table.name} AS r WHERE {_has(table, reader)}"
    )


def _row(columns: Sequence[str]) -> str:
    fields = ", ".join(f"r.{name} AS {name}" for name in columns)
    return f"SELECT to_jsonb(f) FROM (SELECT {fields}) AS f"  # noqa: S608 - names of the code


def _has(table: Synced, reader: Reader) -> str:
    """Say in SQL which rows a peer has, as `reading.gets` does."""
    if not table.sync.is_scoped:
        return "true"
    if reader.kind is NodeKind.HOST:
        return f"coalesce(({table.sync.recipients}) <> '{{}}', true)"
    return f"coalesce(({table.sync.recipients}) && CAST(:words AS text[]), true)"


def _words(reader: Reader) -> dict[str, object]:
    return {"words": sorted(reader.words)}
