# SPDX-License-Identifier: Apache-2.0
"""Two runs on one machine exclude each other."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from poser.errors import PoserError
from poser.machine.lock import Lock
from poser.machine.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    there, here = os.pipe()
    with os.fdopen(there, "rb") as frames, (tmp_path / "events").open("wb") as out:
        yield Peer(frames, out.fileno())
    os.close(here)


def test_a_second_run_is_told_who_is_at_work(tmp_path: Path, peer: Peer) -> None:
    path = str(tmp_path / "lock")
    first = Lock(path)
    first.take(peer)
    with pytest.raises(PoserError, match=f"process {os.getpid()}") as caught:
        Lock(path).take(peer, notices_s=0.1)
    assert f"kill {os.getpid()}" in caught.value.hint


def test_a_run_waits_for_one_that_is_finishing(tmp_path: Path, peer: Peer) -> None:
    path = str(tmp_path / "lock")
    first = Lock(path)
    first.take(peer)
    first.finishing()
    timer = threading.Timer(0.4, first.give)
    timer.start()
    second = Lock(path)
    second.take(peer, notices_s=0.1)
    timer.join()
    assert "finishing its last step" in (tmp_path / "events").read_text()


def test_the_lock_of_a_dead_run_is_free(tmp_path: Path, peer: Peer) -> None:
    path = str(tmp_path / "lock")
    child = os.fork()
    if child == 0:
        Lock(path).take(peer)
        os._exit(0)
    os.waitpid(child, 0)
    Lock(path).take(peer, notices_s=0.1)


def test_a_lock_file_with_nonsense_in_it_still_locks(tmp_path: Path, peer: Peer) -> None:
    path = tmp_path / "lock"
    path.write_text("\0\0\0")
    Lock(str(path)).take(peer)
    assert str(os.getpid()) in path.read_text()
