# SPDX-License-Identifier: Apache-2.0
"""Keeps readings on the card until a node has them, and some time after: an SQLite database.

One transaction a cycle, written through to the card (WAL, synchronous=FULL), so that a power cut
costs the cycle that was being written and no more. Where the card cannot be written (full, worn),
readings wait in memory and go on being sent. A database that cannot be read is put aside.
"""

import sqlite3
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from tempmon_client.wire import Fault, Reading, Stamp

KEPT = 3_000_000
"""Readings that are kept at most: 30 days of 34 sensors with one each 30 seconds, ~200 MB."""
IN_MEMORY = 20_000
"""Readings that wait in memory at most while the card cannot be written."""
AT_A_TIME = 500
"""How many of the oldest go at once, so that making room costs little."""
CARD_FULL, CARD_WORN, SPOOL_LOST, DROPPED = (
    "card_full",
    "card_worn",
    "spool_lost",
    "readings_dropped",
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS readings (
    number INTEGER PRIMARY KEY,
    sensor TEXT NOT NULL,
    boot BLOB NOT NULL,
    monotonic_ms INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL,
    is_synced INTEGER NOT NULL,
    hundredths INTEGER,
    fault TEXT,
    raw BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""
_COLUMNS = "number, sensor, boot, monotonic_ms, wall_ms, is_synced, hundredths, fault, raw"


class Spool:
    """The readings of a probe. `troubles` are words for what is wrong with its card."""

    def __init__(self, path: Path, *, kept: int = KEPT) -> None:
        self._path = path
        self._kept = kept
        self._waiting: deque[Reading] = deque(maxlen=IN_MEMORY)
        self.troubles: set[str] = set()
        self._base = self._open()
        self.last = int(self._value("last", "0"))
        self.taken = int(self._value("taken", "0"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def add(self, readings: Sequence[Reading]) -> None:
        """Keep the readings of one cycle, each under the next number."""
        for one in readings:
            self.last += 1
            self._waiting.append(replace(one, number=self.last))
        try:
            with self._base:
                self._base.executemany(
                    f"INSERT OR IGNORE INTO readings ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)",  # noqa: S608
                    map(_row, self._waiting),
                )
                self._set("last", str(self.last))
                self._make_room()
        except sqlite3.Error as error:
            self._note(error)
        else:
            self._waiting.clear()
            self.troubles -= {CARD_FULL, CARD_WORN}

    def next(self, most: int) -> list[Reading]:
        """Return the oldest readings that no node has yet."""
        found = []
        with suppress(sqlite3.Error):
            rows = self._base.execute(
                f"SELECT {_COLUMNS} FROM readings WHERE number > ? ORDER BY number LIMIT ?",  # noqa: S608
                (self.taken, most),
            )
            found = [_reading(row) for row in rows]
        known = found[-1].number if found else self.taken
        found += [one for one in self._waiting if one.number > known]
        return found[:most]

    @property
    def queued(self) -> int:
        """How many readings no node has yet."""
        return max(0, self.last - self.taken)

    def note_taken(self, upto: int) -> None:
        """Remember that a node keeps all readings up to a number; written with the next cycle."""
        self.taken = max(self.taken, min(upto, self.last))
        with suppress(sqlite3.Error), self._base:
            self._set("taken", str(self.taken))

    def _open(self) -> sqlite3.Connection:
        try:
            return self._opened(self._path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                self._note(error)
                return self._opened(Path(":memory:"))
            aside = self._path.with_suffix(".broken")
            for suffix in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    Path(f"{self._path}{suffix}").replace(f"{aside}{suffix}")
            self.troubles.add(SPOOL_LOST)
            return self._opened(self._path)

    def _opened(self, path: Path) -> sqlite3.Connection:
        base = sqlite3.connect(path, timeout=5, check_same_thread=False)
        try:
            base.execute("PRAGMA journal_mode = WAL")
            base.execute("PRAGMA synchronous = FULL")
            base.execute("PRAGMA wal_autocheckpoint = 200")
            base.executescript(_SCHEMA)
            base.execute("SELECT max(number) FROM readings").fetchone()
        except sqlite3.Error:
            base.close()
            raise
        return base

    def _make_room(self) -> None:
        """Let the oldest go when there are too many: those that a node has, then others."""
        first = self._base.execute("SELECT min(number) FROM readings").fetchone()[0]
        if first is None or self.last - first < self._kept + AT_A_TIME:
            return
        upto = first + AT_A_TIME
        if upto > self.taken:
            self.troubles.add(DROPPED)
        self._base.execute("DELETE FROM readings WHERE number < ?", (upto,))

    def _value(self, name: str, default: str) -> str:
        found = self._base.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
        return found[0] if found else default

    def _set(self, name: str, value: str) -> None:
        self._base.execute(
            "INSERT INTO kept VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def _note(self, error: sqlite3.Error) -> None:
        is_full = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
        self.troubles.add(CARD_FULL if is_full else CARD_WORN)


def _row(one: Reading) -> tuple[object, ...]:
    at = one.taken
    said = (one.hundredths, None if one.fault is None else str(one.fault), one.raw)
    when = (at.boot.bytes, at.monotonic_ms, at.wall_ms, int(at.is_synced))
    return (one.number, one.sensor, *when, *said)


def _reading(row: Sequence[Any]) -> Reading:
    number, sensor, boot, monotonic, wall, synced, hundredths, fault, raw = row
    stamp = Stamp(
        boot=UUID(bytes=boot), monotonic_ms=monotonic, wall_ms=wall, is_synced=bool(synced)
    )
    return Reading(
        number=number,
        sensor=sensor,
        taken=stamp,
        hundredths=hundredths,
        fault=None if fault is None else Fault(fault),
        raw=raw,
    )
