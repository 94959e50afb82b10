# SPDX-License-Identifier: Apache-2.0
"""The loops of a daemon: one that fails begins again, one that hangs is told to systemd."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine

from poser.config import Config
from poser.datasync import daemon
from poser.datasync.daemon import Daemon, Pulse
from poser.datasync.moving import CHANNEL
from poser.db.bell import Bell
from poser.notifier import Notifier
from tests.support.daemons import eventually, running
from tests.support.nodes import Node

pytestmark = pytest.mark.postgresql

Loop = Callable[[Pulse], None]
LIVES = b"WATCHDOG=1"


class WithLoops(Daemon):
    """A daemon with the loops of a test."""

    made: dict[str, Loop]

    def _loops(self) -> Iterator[tuple[str, Loop]]:
        yield from self.made.items()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """Listen as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.setblocking(False)  # noqa: FBT003 - the standard library's way
        yield line


@pytest.fixture
def run(
    new_database: Callable[[str], Engine],
    systemd: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., None]]:
    """Give a function that runs a daemon with loops, in a thread; a second is a long time to it."""
    monkeypatch.setattr(daemon, "HUNG_AFTER_S", 1.0)
    monkeypatch.setattr(daemon, "_PULSE_S", 0.1)
    monkeypatch.setenv("NOTIFY_SOCKET", str(systemd.getsockname()))
    engine = new_database("poser")
    started: list[tuple[Daemon, threading.Thread]] = []

    def start(**loops: Loop) -> None:
        made = WithLoops(
            engine=engine, config=Config(), bell=Bell(engine, CHANNEL), notifier=Notifier()
        )
        made.made = loops
        thread = threading.Thread(target=made.run)
        thread.start()
        started.append((made, thread))

    yield start
    for made, thread in started:
        made.stop()
        thread.join()


def said(systemd: socket.socket) -> list[bytes]:
    """Return what systemd was told since it was last asked."""
    found = []
    while True:
        try:
            found += systemd.recv(4096).split(b"\n")
        except BlockingIOError:
            return found


def test_a_loop_that_fails_begins_again_after_growing_pauses(
    run: Callable[..., None], systemd: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    began: list[float] = []

    def fails(_pulse: Pulse) -> None:
        began.append(time.monotonic())
        raise RuntimeError("of no kind that is known")

    works = threading.Event()

    def goes_on(pulse: Pulse) -> None:
        while not works.wait(0.05):
            pulse.beat()

    run(fails=fails, goes_on=goes_on)
    eventually(lambda: len(began) >= 6)
    works.set()
    pauses = [after - before for before, after in pairwise(began)]
    # 0.1 s doubled each time, and by chance up to half more or less.
    for number, pause in enumerate(pauses[:5]):
        assert pause >= 0.05 * 2**number
    assert "a loop failed" in caplog.text
    assert LIVES in said(systemd), "the daemon lives, whatever fails"


def test_a_loop_that_hangs_is_told_to_systemd_by_silence(
    run: Callable[..., None], systemd: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    hangs, ends = threading.Event(), threading.Event()

    def loop(pulse: Pulse) -> None:
        while not ends.wait(0.05):
            if not hangs.is_set():
                pulse.beat()

    run(loop=loop)
    time.sleep(2.0)
    assert LIVES in said(systemd)
    hangs.set()
    eventually(lambda: "a loop is hung" in caplog.text)
    said(systemd)
    time.sleep(1.0)
    assert LIVES not in said(systemd)
    # Only what hung was silent: it is told again once it goes on.
    hangs.clear()
    eventually(lambda: LIVES in said(systemd))
    ends.set()


def test_loops_go_on_after_the_database_has_thrown_them_out(
    nodes: tuple[Node, Node], sales: tuple[Engine, Engine], tmp_path: Path
) -> None:
    host, store = nodes
    out = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'poser-datasync'"
    )
    with running(tmp_path, host, store, sales) as made:
        eventually(lambda: store.one("SELECT count(*) FROM stores") == 1)
        pids = {name: one.pid for name, one in made.processes.items()}
        for number in range(3):
            eventually(lambda: host.one(out))
            eventually(lambda: store.one(out))
            host.run("INSERT INTO brands (name) VALUES (:name)", name=f"Brand {number}")
            store.run("INSERT INTO customers (number, name) VALUES (:n, 'Kim')", n=str(number))
            eventually(lambda n=number: store.one("SELECT count(*) FROM brands") == n + 1)
            eventually(lambda n=number: host.one("SELECT count(*) FROM customers") == n + 1)
        assert "a loop pauses" in made.log("store")
        for name, process in made.processes.items():
            assert process.poll() is None
            assert process.pid == pids[name]
            os.kill(process.pid, 0)
