# SPDX-License-Identifier: Apache-2.0
"""The queue in the memory of the hub: read once for all peers, however many wait for it.

One thread listens for moves of the sequencer and reads what is new; peers that wait are woken
and get their part from memory. A peer that waits costs no query. What is older than what is kept
here is read from the database.
"""

import asyncio
import logging
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from poser.datasync import reading, wire
from poser.datasync.moving import CHANNEL
from poser.datasync.reading import Change, Entry, Part, Reader
from poser.db import transaction
from poser.db.bell import Bell
from poser.errors import Unavailable
from poser.model import DatasyncPeer, PeerState

log = logging.getLogger(__name__)

KEEPS = 50_000
"""How many changes are kept here at most."""
LOOKS_EVERY_S = 5.0
_PACKED = 64
_ROWS = 5_000


@dataclass(slots=True)
class Log:
    """The end of the queue: `start` is the place after which all is here, `head` the last one.

    `received` are the places up to which each peer's own queue is applied, read after the
    changes that are here.
    """

    engine: Engine
    epoch: UUID | None = None
    start: int = 0
    head: int = 0
    received: dict[str, int] = field(default_factory=dict)
    readers: dict[str, Reader] = field(default_factory=dict)
    _entries: list[Entry] = field(default_factory=list)
    _lines: dict[tuple[int, bool], bytes] = field(default_factory=dict)
    _packed: OrderedDict[tuple[int, int, int], tuple[bytes, str]] = field(
        default_factory=OrderedDict
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _waiting: set[asyncio.Event] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None
    _bell: Bell = field(init=False)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._bell = Bell(self.engine, CHANNEL)

    def begin(self) -> None:
        """Follow the queue from now on, in a thread, for peers who wait in this event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._follow, name="follow", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Follow it no longer."""
        self._stopping.set()
        with suppress(OSError):
            self._bell.ring()
        if self._thread is not None:
            self._thread.join()

    def subscribe(self) -> asyncio.Event:
        """Return an event that is set when there is more; give it back to `unsubscribe`."""
        event = asyncio.Event()
        self._waiting.add(event)
        return event

    def unsubscribe(self, event: asyncio.Event) -> None:
        """Forget an event."""
        self._waiting.discard(event)

    def read(self, name: str, after: int) -> bytes | None:
        """Return a peer's part after a place, None when the database has to be asked."""
        with self._lock:
            reader, epoch = self.readers.get(name), self.epoch
            if reader is None or epoch is None or not self.start <= after <= self.head:
                return None
            found = self._slice(after)
            received, head = self.received.get(name, 0), self.head
        upto = found[-1].pos if found else after
        changes = tuple(reading.for_peer(found, reader))
        part = Part(
            epoch=epoch,
            after=after,
            upto=upto,
            head=head,
            received=received,
            columns=reading.columns(reader),
            changes=changes,
        )
        return wire.encode(part, self._pack(after, upto, changes))

    def _slice(self, after: int) -> Sequence[Entry]:
        """Cut at the end of a batch, as it is read from the database."""
        first = bisect_right(self._entries, after, key=lambda one: one.pos)
        if len(self._entries) - first <= _ROWS:
            return self._entries[first:]
        end = self._entries[first + _ROWS - 1].batch
        last = bisect_right(self._entries, end, key=lambda one: one.pos)
        return self._entries[first:last]

    def _pack(self, after: int, upto: int, changes: Sequence[Change]) -> tuple[bytes, str]:
        """Compress what many peers get alike once."""
        same = hash(tuple((one.pos, one.data is None) for one in changes))
        key = (after, upto, same)
        with self._lock:
            if (packed := self._packed.get(key)) is not None:
                return packed
        packed = wire.pack([self._line(one) for one in changes])
        with self._lock:
            self._packed[key] = packed
            while len(self._packed) > _PACKED:
                self._packed.popitem(last=False)
        return packed

    def _line(self, change: Change) -> bytes:
        key = (change.pos, change.data is None)
        found = self._lines.get(key)
        if found is None:
            found = self._lines[key] = wire.line(change)
        return found

    def _follow(self) -> None:
        with self._bell as bell:
            while not self._stopping.is_set():
                try:
                    bell.listen()
                    while self._read_on() and not self._stopping.is_set():
                        pass
                except (Unavailable, DBAPIError) as error:
                    reason = " ".join(str(error).split())
                    log.warning("the queue cannot be read", extra={"reason": reason})
                    self._stopping.wait(1)
                bell.wait(LOOKS_EVERY_S)

    def _read_on(self) -> bool:
        """Read what is new, then how much each peer has sent; tells whether there is more."""
        with transaction(self.engine, read_only=True) as session:
            epoch = reading.epoch(session)
            if epoch != self.epoch:
                self._begin_anew(epoch, reading.head(session))
            found = reading.entries(session, self.head, rows=_ROWS)
            peers = list(session.scalars(select(DatasyncPeer)))
            # Others get nothing from here: the database is asked, and says why.
            readers = {
                one.name: reading.reader_of(session, one)
                for one in peers
                if one.state == PeerState.ACTIVE
            }
        with self._lock:
            self._entries += found
            self.head = found[-1].pos if found else self.head
            self.readers = readers
            self.received = {one.name: one.received_pos for one in peers}
            self._forget()
        if found and self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake)
        return len(found) >= _ROWS

    def _begin_anew(self, epoch: UUID, head: int) -> None:
        with self._lock:
            self.epoch, self.start, self.head = epoch, head, head
            self._entries, self._lines = [], {}
            self._packed.clear()

    def _forget(self) -> None:
        if len(self._entries) > KEEPS:
            gone = len(self._entries) - KEEPS
            self.start = self._entries[gone - 1].batch
            gone = bisect_right(self._entries, self.start, key=lambda one: one.pos)
            del self._entries[:gone]
            self._lines = {key: one for key, one in self._lines.items() if key[0] > self.start}

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()
