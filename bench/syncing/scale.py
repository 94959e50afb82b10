# SPDX-License-Identifier: Apache-2.0
"""Measures how one host brings changes to many stores that all wait for them."""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.grid.sides import CHECKOUT
from bench.measure import machine, processes
from bench.measure.figures import median, number
from bench.measure.machine import Loads
from bench.measure.table import table
from bench.measure.telling import Report
from bench.syncing.host import Host, host
from bench.syncing.saying import say
from poser.errors import PoserError

DELIVERED_BAR_S = 20.0
FILLS = "INSERT INTO brands (name) SELECT 'brand ' || %s || ' ' || g FROM generate_series(1, %s) g"


@dataclass(slots=True)
class Measured:
    """All that a run saw; rates are transactions a minute."""

    at_once_s: list[float] = field(default_factory=list)
    one_by_one_s: list[float] = field(default_factory=list)
    hub_cpu_s: list[float] = field(default_factory=list)
    alone: float = 0.0
    waiting: float = 0.0
    hub_mib: float = 0.0
    full_mib: float = 0.0

    @property
    def costs(self) -> float:
        """How many transactions a minute all waiting peers cost together."""
        return self.waiting - self.alone


def run(asked: argparse.Namespace) -> Report:
    """Measure all rounds."""
    here, loads, measured = machine.look(), Loads(), Measured()
    with tempfile.TemporaryDirectory(prefix="poser-bench-") as folder:
        Path(folder).chmod(0o755)
        with host(Path(folder), asked.peers) as one:
            say(f"a host that knows {asked.peers} stores runs")
            _wait_until_known(one, asked.peers)
            measured.alone = _rate(one, asked.idle)
            measured.hub_mib = _mib(one)
            with crowd(one, asked.peers) as peers:
                say("all wait")
                measured.waiting = _rate(one, asked.idle)
                for round_ in range(asked.runs):
                    loads.note()
                    _round(one, peers, asked.changes, round_, measured)
                    say(
                        f"round {round_ + 1}: at once {measured.at_once_s[-1]:.1f} s,"
                        f" one by one {measured.one_by_one_s[-1]:.1f} s"
                    )
                measured.full_mib = _mib(one)
    return _report(asked, here, loads, measured)


def _wait_until_known(one: Host, peers: int) -> None:
    give_up = time.monotonic() + 60
    while one.value("SELECT count(*) FROM datasync_peers") != peers:
        if time.monotonic() > give_up:
            raise PoserError("the daemon did not introduce the peers")
        time.sleep(0.2)
    time.sleep(6)  # until the hub has looked who they are


def _rate(one: Host, seconds: float) -> float:
    """Return how many transactions a minute the database ends, without this one's own."""
    before, began = one.statements(), time.monotonic()
    time.sleep(seconds)
    return (one.statements() - before) / (time.monotonic() - began) * 60


def _mib(one: Host) -> float:
    return processes.largest_rss_mib(processes.children(one.hub.pid))


@contextmanager
def crowd(one: Host, peers: int) -> Iterator["subprocess.Popen[str]"]:
    """Let so many peers wait, in a process of its own."""
    epoch = one.value("SELECT epoch FROM datasync_node")
    after = one.value("SELECT coalesce(max(pos), 0) FROM datasync_changes")
    words = [str(one.port), str(peers), str(epoch), str(after)]
    with subprocess.Popen(
        [sys.executable, "-m", "bench.syncing.crowd", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline().strip() != "waiting":
            raise PoserError(f"{peers} peers could not wait")
        try:
            yield process
        finally:
            process.stdin.close()
            process.terminate()


def _round(
    one: Host, peers: "subprocess.Popen[str]", changes: int, round_: int, measured: Measured
) -> None:
    """Write the changes at once, then one by one, and wait until all peers have all of them."""
    assert peers.stdin is not None
    assert peers.stdout is not None
    with closing(one.cluster.connect("poser")) as line, line.cursor() as cursor:
        line.autocommit = True
        for is_at_once in (True, False):
            cpu = processes.cpu_s(one.hub.pid)
            print(changes, file=peers.stdin, flush=True)
            began = time.time()
            if is_at_once:
                cursor.execute(FILLS, [f"{round_} at once", changes])
            else:
                for place in range(changes):
                    cursor.execute(FILLS, [f"{round_} {place}", 1])
            seconds = float(peers.stdout.readline()) - began
            (measured.at_once_s if is_at_once else measured.one_by_one_s).append(seconds)
            measured.hub_cpu_s.append(processes.cpu_s(one.hub.pid) - cpu)


def _report(
    asked: argparse.Namespace, here: machine.Machine, loads: Loads, measured: Measured
) -> Report:
    at_once, one_by_one = median(measured.at_once_s), median(measured.one_by_one_s)
    rows = [
        ("delivered to all, in one transaction", f"{number(at_once)} s", f"{DELIVERED_BAR_S:g} s"),
        ("delivered to all, each by itself", f"{number(one_by_one)} s", f"{DELIVERED_BAR_S:g} s"),
        ("transactions a minute, nobody waits", number(measured.alone), ""),
        ("transactions a minute, all wait", number(measured.waiting), ""),
        ("of these for one waiting peer", f"{measured.costs / asked.peers:.3f}", ""),
        ("the hub's memory before", f"{number(measured.hub_mib)} MiB", ""),
        ("the hub's memory after", f"{number(measured.full_mib)} MiB", "512 MiB"),
        ("the hub's CPU for one delivery", f"{number(median(measured.hub_cpu_s))} s", ""),
    ]
    return Report(
        machine=here,
        loads=loads,
        text=table(["", "measured", "bar"], rows),
        values={name: getattr(measured, name) for name in Measured.__dataclass_fields__},
        about=f"{asked.changes} changes to {asked.peers} peers, {asked.runs} rounds",
        is_missed=max(at_once, one_by_one) > DELIVERED_BAR_S,
    )
