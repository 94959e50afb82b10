# SPDX-License-Identifier: Apache-2.0
"""Reading the queue: all of it once, and of that what one peer gets."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from poser.datasync.declared import synced
from poser.model import DatasyncChange, DatasyncNode, DatasyncPeer, NodeKind, Store

ROWS = 5_000
"""How many changes are read at once; a batch is never cut, so it can be one batch more."""

_PART = text("""
SELECT pos, batch, at, table_name, key, origin, base, CAST(data AS text), recipients, had
FROM datasync_changes
WHERE pos > :after AND pos <= coalesce(
    (SELECT batch FROM datasync_changes WHERE pos > :after ORDER BY pos OFFSET :rows LIMIT 1),
    9223372036854775807)
ORDER BY pos
""")
_ENDS = text("SELECT coalesce(max(pos), 0), coalesce(min(pos), 0) FROM datasync_changes")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the queue as it is kept; `data` is JSON, None when the row is gone."""

    pos: int
    batch: int
    at: datetime
    table: str
    key: UUID
    origin: str
    base: int
    data: str | None
    recipients: tuple[str, ...] | None
    had: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Change:
    """One change as a peer gets it; `data` is JSON, None when the row is not the peer's."""

    pos: int
    at: datetime
    table: str
    key: UUID
    base: int
    data: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a node's queue for one peer: all that came after `after`, up to `upto`.

    `received` is how much of the peer's own queue the node had applied when `changes` were read,
    or later. `columns` are those that the sender's release has, by table. `head` is the end of
    the whole queue.
    """

    epoch: UUID
    after: int
    upto: int
    head: int
    received: int
    columns: dict[str, tuple[str, ...]]
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Reader:
    """What decides which rows a peer gets: its name, its kind and its words of `recipients`."""

    name: str
    kind: NodeKind
    words: frozenset[str]


def entries(session: Session, after: int, *, rows: int = ROWS) -> list[Entry]:
    """Read whole batches of the queue after a place, for all peers alike."""
    found = session.execute(_PART, {"after": after, "rows": rows - 1})
    return [Entry(*row[:8], *map(_words, row[8:])) for row in found]


def head(session: Session) -> int:
    """Return the last place of the queue, 0 when nothing was ever queued.

    Upkeep leaves the last change where it is, so this never goes back.
    """
    return int(session.execute(_ENDS).one()[0])


def begins_after(session: Session) -> int:
    """Return the place after which the queue is whole: what came before was deleted."""
    return max(int(session.execute(_ENDS).one()[1]) - 1, 0)


def epoch(session: Session) -> UUID:
    """Return the epoch of this node's queue."""
    return session.scalars(select(DatasyncNode.epoch)).one()


def release(session: Session) -> str:
    """Return the revisions of this node's database, joined by commas."""
    found = session.execute(text("SELECT version_num FROM alembic_version ORDER BY 1"))
    return ",".join(found.scalars())


def reader_of(session: Session, peer: DatasyncPeer) -> Reader:
    """Work out which rows a peer gets; stores that are not there have no rows."""
    kind = NodeKind(peer.kind)
    ids = session.scalars(select(Store.id).where(Store.number.in_(peer.stores)))
    words = {str(one) for one in ids} if kind is NodeKind.STORE else set[str]()
    words.add("stores" if kind is NodeKind.STORE else str(kind))
    return Reader(name=peer.name, kind=kind, words=frozenset(words))


def for_peer(found: Iterable[Entry], reader: Reader) -> Iterator[Change]:
    """Yield what a peer gets of the queue: its rows, and that others are no longer its own.

    Its own changes do not come back to it.
    """
    tables = synced()
    for one in found:
        table = tables.get(one.table)
        if table is None or one.origin == reader.name:
            continue
        if reader.kind is NodeKind.CLOUD and not table.sync.on_cloud:
            continue
        data = one.data
        if data is not None and not gets(one.recipients, reader):
            if one.had is not None and not gets(one.had, reader):
                continue
            data = None
        yield Change(one.pos, one.at, one.table, one.key, one.base, data)


def gets(recipients: Collection[str] | None, reader: Reader) -> bool:
    """Tell whether a row with these recipients is a peer's.

    The host has all rows but those of no recipient: these stay on the node where they are.
    """
    if recipients is None:
        return True
    if reader.kind is NodeKind.HOST:
        return bool(recipients)
    return not reader.words.isdisjoint(recipients)


def columns(reader: Reader) -> dict[str, tuple[str, ...]]:
    """Return the columns that are sent to a peer, by table."""
    return {
        name: one.columns
        for name, one in synced().items()
        if one.sync.on_cloud or reader.kind is not NodeKind.CLOUD
    }


def read(session: Session, peer: DatasyncPeer, after: int, *, rows: int = ROWS) -> Part:
    """Read the next part of the queue for a peer.

    What it has sent is looked up last: a row that is read before it, and was changed by the
    peer meanwhile, is then known to be newer or to be settled as a conflict.
    """
    reader = reader_of(session, peer)
    found = entries(session, after, rows=rows)
    received = session.scalars(
        select(DatasyncPeer.received_pos).where(DatasyncPeer.name == peer.name)
    ).one()
    return Part(
        epoch=epoch(session),
        after=after,
        upto=found[-1].pos if found else after,
        head=head(session),
        received=received,
        columns=columns(reader),
        changes=tuple(for_peer(found, reader)),
    )


def waiting(session: Session, after: int) -> int:
    """Count the changes of the queue after a place."""
    counted = select(DatasyncChange.pos).where(DatasyncChange.pos > after).subquery()
    return int(session.execute(select(text("count(*)")).select_from(counted)).scalar_one())


def _words(found: list[str] | None) -> tuple[str, ...] | None:
    return None if found is None else tuple(found)
