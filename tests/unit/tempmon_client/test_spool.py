# SPDX-License-Identifier: Apache-2.0
"""Readings are kept until a node has them, whatever happens to the card and the power."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest

from tempmon_client import spool
from tempmon_client.spool import Spool
from tempmon_client.wire import Fault, Reading, Stamp

STAMP = Stamp(boot=UUID(int=5), monotonic_ms=1, wall_ms=2, is_synced=False)


def readings(*degrees: int) -> Sequence[Reading]:
    return [Reading(number=0, sensor="28-1", taken=STAMP, hundredths=one) for one in degrees]


def values(found: Sequence[Reading]) -> list[int | None]:
    return [one.hundredths for one in found]


def test_what_was_kept_is_there_after_a_restart_until_it_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    bad = Reading(number=0, sensor="28-2", taken=STAMP, fault=Fault.SHORT, raw=bytes(9))
    with Spool(path) as first:
        first.add([*readings(400, 410), bad])
    with Spool(path) as again:
        assert [one.number for one in again.next(10)] == [1, 2, 3]
        assert (again.next(3)[2].fault, again.next(3)[2].raw) == (Fault.SHORT, bytes(9))
        assert again.next(1)[0].taken == STAMP
        again.note_taken(2)
        assert again.queued == 1
        again.add(readings(420))
    with Spool(path) as once_more:
        assert [one.number for one in once_more.next(10)] == [3, 4]
        assert once_more.last == 4, "numbers go on where they were"


def test_a_node_that_says_too_much_is_not_believed(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as one:
        one.add(readings(400))
        one.note_taken(99)
        one.add(readings(410))
        assert values(one.next(9)) == [410]


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool", kept=1000) as one:
        for _ in range(15):
            one.add(readings(*range(100)))
        assert one.troubles == set(), "there was room"
        one.note_taken(600)
        one.add(readings(1))
        assert one.troubles == set(), "those that went had been taken"
        for _ in range(6):
            one.add(readings(*range(100)))
        assert one.troubles == {spool.DROPPED}
        assert one.next(1)[0].number == 1001


def test_a_file_that_is_no_database_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    path.write_bytes(b"garbage" * 1000)
    with Spool(path) as one:
        assert one.troubles == {spool.SPOOL_LOST}
        one.add(readings(400))
        assert values(one.next(9)) == [400]
    assert path.with_suffix(".broken").read_bytes().startswith(b"garbage")


def test_readings_wait_in_memory_while_the_card_is_full(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as one:
        one.add(readings(400))
        pages = one._base.execute("PRAGMA page_count").fetchone()[0]
        one._base.execute(f"PRAGMA max_page_count = {pages}")
        for degrees in range(500):
            one.add(readings(degrees))
        assert one.troubles == {spool.CARD_FULL}
        assert values(one.next(1000)) == [400, *range(500)]
        one._base.execute("PRAGMA max_page_count = 1000000")
        one.add(readings(7))
        assert one.troubles == set(), "it goes on by itself"
        assert one.next(1000)[-1].number == 502
    with Spool(tmp_path / "spool") as again:
        assert values(again.next(1000)) == [400, *range(500), 7]


def test_a_card_that_returns_errors_is_told_of_and_readings_go_on(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as one:
        one.add(readings(400))
        one._base.execute("PRAGMA query_only = ON")
        one.add(readings(410))
        assert one.troubles == {spool.CARD_WORN}
        assert values(one.next(9)) == [400, 410]
        one.note_taken(2)
        assert one.next(9) == []


def test_a_folder_that_is_not_there_leaves_memory(tmp_path: Path) -> None:
    with Spool(tmp_path / "nowhere" / "spool") as one:
        assert one.troubles == {spool.CARD_WORN}
        one.add(readings(400))
        assert values(one.next(9)) == [400]


WRITES = """
import sys
from pathlib import Path
from uuid import UUID
from tempmon_client.spool import Spool
from tempmon_client.wire import Reading, Stamp
stamp = Stamp(boot=UUID(int=5), monotonic_ms=1, wall_ms=2, is_synced=False)
with Spool(Path(sys.argv[1])) as one:
    while True:
        one.add([Reading(number=0, sensor="28-1", taken=stamp, hundredths=one.last % 1000)])
        print(one.last, flush=True)
"""


def test_killed_at_any_moment_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    told = 0
    for round_ in range(20):
        with subprocess.Popen(
            [sys.executable, "-c", WRITES, str(path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for _ in range(3 + round_ % 7):
                told = int(process.stdout.readline())
            process.send_signal(signal.SIGKILL)
            rest = process.stdout.read().split()
            told = int(rest[-1]) if rest and rest[-1].isdigit() else told
        with Spool(path) as one:
            assert one.troubles == set()
            numbers = [each.number for each in one.next(10_000)]
            assert numbers == list(range(1, one.last + 1))
            assert one.last >= told, "what was kept is there"


def test_the_card_is_written_to_twice_a_cycle_at_most(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as one:
        statements: list[str] = []
        one._base.set_trace_callback(statements.append)
        one.add(readings(400, 410))
        one.note_taken(2)
        assert sum(said == "COMMIT" for said in statements) == 2


@pytest.mark.parametrize("settings", ["journal_mode = wal", "synchronous = 2"])
def test_each_transaction_is_written_through(tmp_path: Path, settings: str) -> None:
    name, _, wanted = settings.partition(" = ")
    with Spool(tmp_path / "spool") as one:
        assert str(one._base.execute(f"PRAGMA {name}").fetchone()[0]) == wanted
        assert isinstance(one._base, sqlite3.Connection)
