# SPDX-License-Identifier: Apache-2.0
"""Comparing a node with the host as a whole, and making it the same: by hashes, then by rows.

For a new node, one that was away longer than the queue reaches back, and after either side was
restored from a backup. What differs is fetched and applied as changes of the host, deletions last,
so what holds for changes holds here; what was written here and the host has not seen stays.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from poser.clock import utc_now
from poser.datasync import digests
from poser.datasync.applying import apply_rows, retry
from poser.datasync.declared import Synced, synced
from poser.datasync.digests import Bucket
from poser.datasync.exchange import peer_named
from poser.datasync.reading import Change, Reader
from poser.datasync.writing import touch
from poser.db import transaction
from poser.model import DatasyncPeer, NodeKind
from poser.model.syncing import Flow

ROWS = 2_000
"""How many rows are fetched and applied at once."""
_UNSEEN = text("SELECT key FROM datasync_changes WHERE table_name = :table AND pos > :seen")
_CAPTURED = text("""
SELECT c.key FROM capture AS c JOIN recorded_tables AS t ON t.id = c.table_id
WHERE t.name = :table AND c.origin = ''
""")


class Side(Protocol):
    """What the host tells of its tables; columns are those that both sides have."""

    def buckets(
        self, table: str, columns: Sequence[str]
    ) -> tuple[tuple[str, ...], dict[int, Bucket]]:
        """Return the columns that both have, and the buckets over these."""

    def hashes(
        self, table: str, columns: Sequence[str], numbers: Collection[int]
    ) -> dict[UUID, int]:
        """Return the hash of each row of some buckets."""

    def rows(self, table: str, columns: Sequence[str], keys: Collection[UUID]) -> dict[UUID, str]:
        """Return rows as JSON."""


@dataclass(frozen=True, slots=True)
class OwnSide:
    """A side that is in reach: what the hub answers with, for the peer that reads."""

    session: Session
    reader: Reader

    def buckets(
        self, table: str, columns: Sequence[str]
    ) -> tuple[tuple[str, ...], dict[int, Bucket]]:
        """See Side; a table that is not here, or not for this peer, has no columns."""
        one = self._table(table)
        if one is None:
            return (), {}
        both = tuple(digests.common(one, {table: columns}))
        return both, digests.buckets(self.session, one, _hashed(one, both), self.reader)

    def hashes(
        self, table: str, columns: Sequence[str], numbers: Collection[int]
    ) -> dict[UUID, int]:
        """See Side."""
        one = self._table(table)
        if one is None:
            return {}
        both = tuple(digests.common(one, {table: columns}))
        return digests.hashes(self.session, one, _hashed(one, both), self.reader, numbers)

    def rows(self, table: str, columns: Sequence[str], keys: Collection[UUID]) -> dict[UUID, str]:
        """See Side."""
        one = self._table(table)
        if one is None:
            return {}
        both = tuple(digests.common(one, {table: columns}))
        return digests.rows(self.session, one, both, self.reader, keys)

    def _table(self, name: str) -> Synced | None:
        one = synced().get(name)
        if one is None or (self.reader.kind is NodeKind.CLOUD and not one.sync.on_cloud):
            return None
        return one


@dataclass(slots=True)
class Difference:
    """In which rows a table differs: there and not here, here and not there, or otherwise."""

    table: str
    columns: tuple[str, ...]
    rows: int = 0
    missing: list[UUID] = field(default_factory=list)
    extra: list[UUID] = field(default_factory=list)
    other: list[UUID] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many rows differ."""
        return len(self.missing) + len(self.extra) + len(self.other)


Watch = Callable[[Difference], None]
"""Called for each table when it has been compared."""


def differences(
    engine: Engine, host: str, side: Side, tables: Collection[str] = ()
) -> Iterator[Difference]:
    """Compare this node's tables with the host's, one after the other; nothing is changed.

    What was written here and the host has not seen yet is no difference.
    """
    for table in synced().values():
        if tables and table.name not in tables:
            continue
        columns, theirs = side.buckets(table.name, table.columns)
        if not columns:
            continue
        with transaction(engine, read_only=True) as session:
            unseen = _unseen(session, host, table.name)
            found = _difference(session, side, table, columns, theirs)
        for keys in (found.missing, found.extra, found.other):
            keys[:] = [key for key in keys if key not in unseen]
        yield found


def _difference(
    session: Session,
    side: Side,
    table: Synced,
    columns: tuple[str, ...],
    theirs: Mapping[int, Bucket],
) -> Difference:
    hashed = _hashed(table, columns)
    ours = digests.buckets(session, table, hashed, _AS_HOST)
    found = Difference(table.name, columns, rows=sum(one.rows for one in ours.values()))
    numbers = digests.differing(ours, theirs)
    if numbers:
        here = digests.hashes(session, table, hashed, _AS_HOST, numbers)
        there = side.hashes(table.name, columns, numbers)
        found.missing += sorted(there.keys() - here.keys())
        found.extra += sorted(here.keys() - there.keys())
        both = here.keys() & there.keys()
        found.other += sorted(key for key in both if here[key] != there[key])
    return found


def make_same(
    engine: Engine,
    host: str,
    side: Side,
    upto: int,
    *,
    watch: Watch | None = None,
    keeps: bool = False,
) -> int:
    """Make this node the same as the host, whose queue's end was `upto` before; counts rows.

    In steps that are each committed: cut off, it is begun again and has less to do. Where the
    host has lost what it once had (`keeps`), rows that only this node has are sent to it instead
    of being deleted, if others than the host may write them.
    """
    count, gone = 0, list[Difference]()
    for found in differences(engine, host, side):
        wanted = [*found.missing, *found.other]
        for start in range(0, len(wanted), ROWS):
            rows = side.rows(found.table, found.columns, wanted[start : start + ROWS])
            changes = [_change(found.table, key, data, upto) for key, data in rows.items()]
            with transaction(engine) as session:
                peer = peer_named(session, host, lock=True)
                apply_rows(session, peer, changes, {found.table: found.columns})
        gone.append(found)
        count += found.count
        if watch is not None:
            watch(found)
    for found in reversed(gone):
        for start in range(0, len(found.extra), ROWS):
            keys = found.extra[start : start + ROWS]
            with transaction(engine) as session:
                if keeps and synced()[found.table].sync.flow is Flow.BOTH:
                    touch(session, [(found.table, key) for key in keys])
                    continue
                peer = peer_named(session, host, lock=True)
                changes = [_change(found.table, key, None, upto) for key in keys]
                apply_rows(session, peer, changes, {})
    with transaction(engine) as session:
        _try_all_again(session, host)
    return count


def _try_all_again(session: Session, host: str) -> None:
    """Try what waits at once: what it waited for has come or gone by now."""
    session.execute(
        text("UPDATE datasync_parked SET next_try_at = now() WHERE peer = :host"), {"host": host}
    )
    retry(session, peer_named(session, host, lock=True), utc_now(), is_host=False)


def _change(table: str, key: UUID, data: str | None, upto: int) -> Change:
    return Change(pos=upto, at=utc_now(), table=table, key=key, base=0, data=data)


_AS_HOST = Reader(name="", kind=NodeKind.HOST, words=frozenset())
"""This node is asked for all but what stays on it: exactly what the host should have given it."""


def _hashed(table: Synced, columns: Sequence[str]) -> list[str]:
    """Leave out references that are empty where this node lacks their rows."""
    return [name for name in columns if name not in table.loose]


def _unseen(session: Session, host: str, table: str) -> set[UUID]:
    """Name the rows that were written here and that the host has not had yet."""
    seen = session.scalars(select(DatasyncPeer.sent_pos).where(DatasyncPeer.name == host)).one()
    queued = session.execute(_UNSEEN, {"table": table, "seen": seen}).scalars()
    return {*queued, *session.execute(_CAPTURED, {"table": table}).scalars()}
