# SPDX-License-Identifier: Apache-2.0
"""Measures datasync between a host and a store, beside logical replication and an ORM consumer."""

import argparse
import secrets
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from bench.measure import machine
from bench.measure.figures import median, number, percentile
from bench.measure.machine import Loads
from bench.measure.table import table
from bench.measure.telling import Report
from bench.syncing import rivals
from bench.syncing.by_nats import Nats
from bench.syncing.machines import Node, machines
from bench.syncing.rivals import COMMITTED, Datasync, Logical, RowByRow, ask
from bench.syncing.saying import say
from poser.errors import PoserError

RATES = (20, 300)
P50_BARS_MS = {20: 100.0, 300: 60.0}
P99_BAR_MS = 300.0
IDLE_BAR = 0.01
DRAIN_BAR = 5000.0
OVER_ORM_BAR = 30.0
LINEAR_BAR = 2.0
BATCH = 1000
PATIENCE_S = 180.0
Way = Datasync | Logical | RowByRow | Nats

_PRODUCTS = """\
INSERT INTO products (description)
SELECT 'Bench product ' || n
FROM generate_series(1, {count} - (SELECT count(*) FROM products)) AS n"""
_HAVE = "SELECT count(*) FROM products WHERE description_2 = '{mark}'"
_COMMITS = """\
SELECT id, extract(epoch FROM {came})
FROM products WHERE description_2 = '{mark}'"""
_CHANGE = """\
DO $$
DECLARE keys uuid[] := ARRAY(SELECT id FROM products ORDER BY id LIMIT {count});
BEGIN
FOR part IN 0..({count} - 1) / {batch} LOOP
    UPDATE products SET description_2 = '{mark}'
    WHERE id = ANY (keys[part * {batch} + 1:(part + 1) * {batch}]);
    COMMIT;
END LOOP; END $$"""
_FORGET = "DELETE FROM datasync_changes WHERE pos < (SELECT max(pos) FROM datasync_changes)"
_TICKS = """\
cd /sys/fs/cgroup$(systemctl show -p ControlGroup --value poser-%s) &&
sed 's,.*,/proc/&/stat,' cgroup.procs | xargs cat | awk '{t += $14 + $15} END {print t}'"""


@dataclass(slots=True)
class Measured:
    """All that a run saw; latencies in milliseconds, by way and rate, one list a round."""

    p50_ms: dict[str, list[float]] = field(default_factory=dict)
    p99_ms: dict[str, list[float]] = field(default_factory=dict)
    reached: dict[str, list[float]] = field(default_factory=dict)
    drained: dict[str, list[float]] = field(default_factory=dict)
    idle: dict[str, float] = field(default_factory=dict)
    nats_mib: dict[str, float] = field(default_factory=dict)
    absent_s: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class Pair:
    """The two machines, and what is asked of both."""

    host: Node
    store: Node

    def mark(self) -> str:
        """Make a mark that no product has yet, on machines that were kept neither."""
        return f"mark {secrets.token_hex(8)}"

    def wait(self, mark: str, count: int, *, rival: bool) -> float:
        """Wait until so many of the store's products have a mark; returns when (monotonic)."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if int(ask(self.store, _HAVE.format(mark=mark), rival=rival)) == count:
                return time.monotonic()
            time.sleep(0.05)
        raise PoserError(f"{count} changes did not reach the store within {PATIENCE_S:.0f} s")

    def times(
        self, node: Node, mark: str, *, rival: bool, came: str = COMMITTED
    ) -> dict[str, float]:
        """Return when each changed product came to a machine, in seconds since 1970."""
        lines = ask(node, _COMMITS.format(mark=mark, came=came), rival=rival).splitlines()
        return {key: float(at) for key, _, at in (line.partition(",") for line in lines)}


def run(asked: argparse.Namespace) -> Report:
    """Measure all; raises PoserError when the machines cannot be made."""
    here, loads, measured = machine.look(), Loads(), Measured()
    with machines(keep=asked.keep) as (host, store), ExitStack() as stack:
        pair = Pair(host, store)
        for node in (host, store):
            stack.callback(rivals.remove, node)
        _prepare(pair, asked.products)
        measured.idle = _idle(pair, asked.idle)
        all_ways = {
            "datasync": Datasync,
            "nats": partial(Nats, client=asked.client),
            "logical": Logical,
            "rows": RowByRow,
        }
        ways = [kind for name, kind in all_ways.items() if name in asked.only]
        for kind in ways:
            way = kind(host, store)
            way.start()
            for round_ in range(asked.runs):
                loads.note()
                _latencies(pair, way, asked.seconds, measured)
                _drain(pair, way, asked.changes, measured)
                say(f"{way.name}: round {round_ + 1} of {asked.runs}")
            if isinstance(way, Nats):
                measured.nats_mib = way.resident_mib()
            way.end()
        _absences(pair, asked.products, measured)
    return _report(here, loads, asked, measured)


def _prepare(pair: Pair, products: int) -> None:
    for node in (pair.host, pair.store):
        rivals.note_commits(node)
    ask(pair.host, _PRODUCTS.format(count=products))
    say(f"{products} products are written on the host")
    end = time.monotonic() + PATIENCE_S
    while int(ask(pair.store, "SELECT count(*) FROM products")) < products:
        if time.monotonic() > end:
            raise PoserError("the products did not reach the store")
        time.sleep(0.5)
    ask(pair.host, "ANALYZE products")
    ask(pair.store, "ANALYZE products")
    for node in (pair.host, pair.store):
        rivals.start(node)
    say("all products are on the store; both have a second PostgreSQL for the peers")


def _idle(pair: Pair, seconds: float) -> dict[str, float]:
    """Return which part of a processor each daemon uses while nothing happens."""
    time.sleep(10)
    asked = [(pair.host, "datasync"), (pair.store, "datasync"), (pair.host, "hub")]
    ticks = int(pair.host.run("getconf CLK_TCK"))

    def look() -> list[tuple[float, float]]:
        return [(int(node.run(_TICKS % unit)) / ticks, time.monotonic()) for node, unit in asked]

    before = look()
    time.sleep(seconds)
    return {
        f"{node.name} {unit}": (cpu - first) / (now - since)
        for (node, unit), (first, since), (cpu, now) in zip(asked, before, look(), strict=True)
    }


def _latencies(pair: Pair, way: Way, seconds: float, measured: Measured) -> None:
    """Change products at each rate, and see how long each commit takes to the store."""
    rival = way.is_rival
    for rate in RATES:
        if isinstance(way, RowByRow) and rate != min(RATES):
            continue  # it falls behind without end
        mark, count = pair.mark(), int(rate * seconds)
        dsn = rivals.DSN if rival else "dbname=poser"
        reached = float(pair.host.program("paced.py", dsn, mark, str(count), str(rate)))
        pair.wait(mark, count, rival=rival)
        ours = pair.times(pair.host, mark, rival=rival)
        theirs = pair.times(pair.store, mark, rival=rival, came=way.came)
        took = [(theirs[key] - at) * 1000 for key, at in ours.items()]
        name = f"{way.name} {rate}"
        measured.reached.setdefault(name, []).append(reached)
        measured.p50_ms.setdefault(name, []).append(percentile(took, 50))
        measured.p99_ms.setdefault(name, []).append(percentile(took, 99))


def _drain(pair: Pair, way: Way, changes: int, measured: Measured) -> None:
    """Let changes wait while nobody brings them, then see how many a second arrive."""
    rival = way.is_rival
    if isinstance(way, RowByRow):
        changes = min(changes, 3000)
    way.stop()
    mark = pair.mark()
    ask(pair.host, _CHANGE.format(mark=mark, count=changes, batch=BATCH), rival=rival)
    if not rival:
        _wait_queued(pair.host)
    began = time.monotonic()
    way.start()
    took = pair.wait(mark, changes, rival=rival) - began
    measured.drained.setdefault(way.name, []).append(changes / took)


def _wait_queued(host: Node) -> None:
    end = time.monotonic() + PATIENCE_S
    while int(ask(host, "SELECT count(*) FROM capture")):
        if time.monotonic() > end:
            raise PoserError("the host's daemon does not queue what was captured")
        time.sleep(0.2)


def _absences(pair: Pair, products: int, measured: Measured) -> None:
    """Let the store be away for longer than the queue is kept, with more and more differences."""
    for differences in (10, products // 100, products // 20, products // 5):
        way = Datasync(pair.host, pair.store)
        way.stop()
        mark, gone = pair.mark(), differences // 10
        ask(pair.host, _CHANGE.format(mark=mark, count=differences - gone, batch=BATCH))
        ask(
            pair.host,
            "DELETE FROM products WHERE id IN"  # noqa: S608 - a number
            f" (SELECT id FROM products ORDER BY id DESC LIMIT {gone})",
        )
        _wait_queued(pair.host)
        ask(pair.host, _FORGET)
        left = int(ask(pair.host, "SELECT count(*) FROM products"))
        began = time.monotonic()
        way.start()
        took = pair.wait(mark, differences - gone, rival=False)
        while int(ask(pair.store, "SELECT count(*) FROM products")) != left:
            if time.monotonic() > began + PATIENCE_S:
                raise PoserError("what was deleted on the host stays on the store")
            time.sleep(0.1)
            took = time.monotonic()
        measured.absent_s[differences] = took - began
        say(f"away for too long, {differences} differences: {took - began:.1f} s")


def _report(
    here: machine.Machine, loads: Loads, asked: argparse.Namespace, measured: Measured
) -> Report:
    rows, missed = [], []

    def line(what: str, value: float, unit: str, bar: float | None, *, most: bool = True) -> None:
        is_missed = bar is not None and (value > bar if most else value < bar)
        missed.append(is_missed)
        sign = "at most" if most else "at least"
        told = "" if bar is None else f"{sign} {bar:,g}{unit}{' MISSED' if is_missed else ''}"
        rows.append((what, f"{number(value)}{unit}", told))

    for name, all_p50 in measured.p50_ms.items():
        way, _, rate = name.rpartition(" ")
        ours = way == Datasync.name
        what = f"{way}, {number(median(measured.reached[name]))} a second"
        line(f"{what}: p50", median(all_p50), " ms", P50_BARS_MS[int(rate)] if ours else None)
        p99 = median(measured.p99_ms[name])
        line(f"{what}: p99", p99, " ms", P99_BAR_MS if ours and rate == "300" else None)
    for way, rates in measured.drained.items():
        bar = DRAIN_BAR if way == Datasync.name else None
        line(f"{way}: backlog, changes a second", median(rates), "", bar, most=False)
    if {Datasync.name, RowByRow.name} <= set(measured.drained):
        over = median(measured.drained[Datasync.name]) / median(measured.drained[RowByRow.name])
        line("datasync over row by row", over, "x", OVER_ORM_BAR, most=False)
    for what, part in measured.idle.items():
        bar = 100 * IDLE_BAR if what.endswith("datasync") else None
        line(f"{what}: CPU while idle", 100 * part, " %", bar)
    for what, mib in measured.nats_mib.items():
        line(f"{what}: memory", mib, " MiB", None)
    for differences, seconds in measured.absent_s.items():
        line(f"away for too long, {differences:,} differences", seconds, " s", None)
    line(
        "the last against what the one before foretells", _bend(measured.absent_s), "x", LINEAR_BAR
    )
    return Report(
        machine=here,
        loads=loads,
        text=table(["", "measured", "bar"], rows),
        values={name: getattr(measured, name) for name in Measured.__dataclass_fields__},
        about=f"{asked.products:,} products, {asked.changes:,} changes, {asked.runs} rounds",
        is_missed=any(missed),
    )


def _bend(seconds: dict[int, float]) -> float:
    """Return how much longer the most differences took than a straight line foretells."""
    few, *_, fewer, most = sorted(seconds)
    slope = max(seconds[fewer] - seconds[few], 0.1) / (fewer - few)
    return seconds[most] / (seconds[few] + slope * (most - few))
