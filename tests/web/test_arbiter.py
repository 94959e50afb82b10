# SPDX-License-Identifier: Apache-2.0
"""When the supervisor tells systemd that all is well, and when it must not."""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from poser.notifier import Notifier
from web.arbiter import WORKER_TIMEOUT_S, WatchedArbiter

BOOTING = None


@dataclass
class Signs:
    """The file by which a worker gives signs of life."""

    silent_for: float | None

    def last_update(self) -> float:
        if self.silent_for is BOOTING:
            return time.time()
        return time.monotonic() - self.silent_for


@dataclass
class Worker:
    """A worker as its supervisor knows it."""

    tmp: Signs


@dataclass
class Told(Notifier):
    """What systemd was told."""

    states: list[str] = field(default_factory=list)
    takes_it: bool = True

    def say(self, *states: str) -> bool:
        self.states += states
        return self.takes_it


def report(*silent_for: float | None, wanted: int = 2, told: Told | None = None) -> list[str]:
    """Let a supervisor of such workers report, twice as its main loop would."""
    told = told or Told()
    arbiter = WatchedArbiter.__new__(WatchedArbiter)
    arbiter.WORKERS = {n: Worker(Signs(each)) for n, each in enumerate(silent_for)}
    arbiter._num_workers = wanted
    arbiter._notifier = told
    arbiter._is_ready = False
    for _ in range(2):
        arbiter._report()
    return [state for state in told.states if not state.startswith("STATUS")]


def test_all_is_well_when_every_worker_gives_signs() -> None:
    assert report(0.1, 0.9) == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]


@pytest.mark.parametrize("workers", [(0.1,), (0.1, BOOTING), (BOOTING, BOOTING), (), (0.1, 60.0)])
def test_it_is_not_ready_before_every_worker_answers(workers: tuple[float | None, ...]) -> None:
    assert report(*workers) == []


def test_a_worker_that_stays_silent_lets_the_watchdog_bite() -> None:
    told = Told()
    arbiter = WatchedArbiter.__new__(WatchedArbiter)
    arbiter._num_workers, arbiter._notifier, arbiter._is_ready = 2, told, True
    for silent_for, fed in ((WORKER_TIMEOUT_S + 1, True), (WORKER_TIMEOUT_S + 4, False)):
        told.states.clear()
        arbiter.WORKERS = {1: Worker(Signs(0.1)), 2: Worker(Signs(silent_for))}
        arbiter._report()
        assert ("WATCHDOG=1" in told.states) == fed
    told.states.clear()
    arbiter.WORKERS = {}
    arbiter._report()
    assert told.states == []


def test_readiness_is_said_again_when_systemd_did_not_take_it() -> None:
    said = report(0.1, 0.1, told=Told(takes_it=False))
    assert said.count("READY=1") == 2


@pytest.fixture
def line(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as opened:
        opened.bind(str(tmp_path / "notify"))
        yield opened


def test_a_busy_systemd_never_holds_the_supervisor_up(
    line: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", line.getsockname())
    notifier = Notifier()
    assert notifier.say("READY=1", "STATUS=x")
    assert line.recv(100) == b"READY=1\nSTATUS=x"
    began = time.monotonic()
    taken = [notifier.say("WATCHDOG=1") for _ in range(2000)]
    assert not taken[-1]
    assert time.monotonic() - began < 5


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert Notifier().say("READY=1")
