# SPDX-License-Identifier: Apache-2.0
"""Measures pages of the web app beside open event streams, and what the streams cost."""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.grid import pages
from bench.grid.kept import kept_database
from bench.grid.rounds import Figures, Plan, measure
from bench.grid.seed import DATABASE
from bench.grid.sides import Side, start_poser
from bench.measure import machine, processes
from bench.measure.cluster import Cluster
from bench.measure.figures import median, number, percentile, ratio
from bench.measure.machine import Loads
from bench.measure.table import table
from bench.measure.telling import Report, tell
from bench.streams.sides import Watched, add_task, held, start_events

SLOWER_BAR = 1.10
"""Median times of the rounds lie this far apart when nothing differs but the moment."""

MEMORY_BAR_MIB = 128.0
"""Half of what systemd gives the service."""
CONNECTIONS = (1, 4)
CHANGE_EVERY_S = 1.0
NONE, IDLE, TOLD = "no streams", "open streams", "streams told of a change each second"


@dataclass(slots=True)
class Measured:
    """All that a run saw."""

    pages: dict[tuple[str, int], list[Figures]] = field(default_factory=dict)
    events_cpu_s: dict[str, float] = field(default_factory=dict)
    told: list[int] = field(default_factory=list)
    empty_mib: float = 0.0
    full_mib: float = 0.0


def main() -> int:
    """Run the bench; exit code 1 when it could not be run, 3 when a bar was missed."""
    parser = argparse.ArgumentParser(prog="bench/events", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="products (default 1,000,000)")
    parser.add_argument("--streams", type=int, default=500, help="streams (default 500)")
    parser.add_argument("--runs", type=int, default=5, help="rounds (default 5)")
    parser.add_argument("--seconds", type=float, default=4.0, help="load for each measurement")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    if asked.rows < 20_000 or asked.runs < 1 or not 1 <= asked.streams <= 1000:
        parser.error("at least 20,000 rows, 1 run, and 1 to 1000 streams")
    return tell(lambda: _run(asked), as_json=asked.json)


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _run(asked: argparse.Namespace) -> Report:
    here, loads, measured = machine.look(), Loads(), Measured()
    with ExitStack() as stack:
        cluster = stack.enter_context(kept_database(asked.rows, _say))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="poser-bench-")))
        poser = start_poser(cluster, folder)
        stack.callback(poser.stop)
        events = start_events(folder, dict(poser.headers))
        stack.callback(events.stop)
        task = add_task(cluster)
        with closing(cluster.connect(DATABASE)) as connection, connection.cursor() as cursor:
            first = pages.pages(cursor)[0]
        plan = Plan(rounds=asked.runs, seconds=asked.seconds, connections=CONNECTIONS)
        measured.empty_mib = processes.largest_rss_mib(events.workers)
        bench = _Bench(plan, cluster, poser, events, first.paths("poser"), measured)
        bench.load(NONE, is_kept=False)  # so that every worker is warm
        for number_ in range(asked.runs):
            _say(f"round {number_ + 1} of {asked.runs}")
            bench.round(task, asked.streams, number_)
            loads.note()
    return _report(here, loads, asked, measured)


@dataclass(frozen=True, slots=True)
class _Bench:
    plan: Plan
    cluster: Cluster
    poser: Side
    events: Side
    paths: Sequence[str]
    measured: Measured

    def round(self, task: Watched, streams: int, number_: int) -> None:
        """Measure pages without streams and with them; who goes first alternates."""
        if number_ % 2 == 0:
            self.load(NONE)
        with held(self.events, task.path, streams) as told:
            self.load(IDLE)
            with _changing(task):
                self.load(TOLD)
            full = processes.largest_rss_mib(self.events.workers)
            self.measured.full_mib = max(self.measured.full_mib, full)
        self.measured.told.append(told[0])
        assert told[1] == streams, f"only {told[1]} of {streams} streams stayed open"
        if number_ % 2:
            self.load(NONE)

    def load(self, name: str, *, is_kept: bool = True) -> None:
        """Put load on the pages, and note what the streams' process used meanwhile."""
        before = processes.cpu_s(self.events.server.pid)
        for connections in self.plan.connections:
            figures = Figures()
            measure(
                self.plan,
                self.paths,
                self.poser,
                connections=connections,
                sql_server=self.cluster.pid,
                figures=figures,
            )
            if is_kept:
                self.measured.pages.setdefault((name, connections), []).append(figures)
        used = processes.cpu_s(self.events.server.pid) - before
        if is_kept:
            seen = self.measured.events_cpu_s
            seen[name] = seen.get(name, 0.0) + used


@contextmanager
def _changing(task: Watched) -> Iterator[None]:
    """Tell of a change each second while the block runs."""
    stop = threading.Event()

    def tell_on() -> None:
        while not stop.wait(CHANGE_EVERY_S):
            task.change()

    teller = threading.Thread(target=tell_on)
    teller.start()
    try:
        yield
    finally:
        stop.set()
        teller.join()


def _report(
    here: machine.Machine, loads: Loads, asked: argparse.Namespace, measured: Measured
) -> Report:
    worst = max(_slower(measured, name, each) for name in (IDLE, TOLD) for each in CONNECTIONS)
    bars = [
        ("pages beside streams, p50, against none", SLOWER_BAR, worst, "x"),
        ("memory of the streams' process", MEMORY_BAR_MIB, measured.full_mib, " MiB"),
    ]
    rows = [
        [bar, f"<= {number(most)}{unit}", f"{number(seen)}{unit}", _met(seen, most)]
        for bar, most, seen, unit in bars
    ]
    memory = (
        f"{asked.streams} streams: {number(measured.full_mib)} MiB, none: "
        f"{number(measured.empty_mib)} MiB; events told: {measured.told}"
    )
    text = "\n\n".join([_times(measured), memory, table(["bar", "wanted", "seen", ""], rows)])
    return Report(
        machine=here,
        loads=loads,
        about=f"{asked.rows:,} products, {asked.streams} streams",
        text=text,
        values={
            "pages": {
                f"{k[0]}, {k[1]}": [f.as_json() for f in v] for k, v in measured.pages.items()
            },
            "full_mib": measured.full_mib,
            "told": measured.told,
        },
        is_missed=any(seen > most for _, most, seen, _ in bars),
    )


def _met(seen: float, most: float) -> str:
    return "met" if seen <= most else "MISSED"


def _p50s(measured: Measured, name: str, connections: int) -> list[float]:
    return [percentile(each.took_ms, 50) for each in measured.pages[name, connections]]


def _slower(measured: Measured, name: str, connections: int) -> float:
    """Tell how many times as long a page takes: the middle of the ratios of all rounds."""
    ours, none = (_p50s(measured, each, connections) for each in (name, NONE))
    return median([our / other for our, other in zip(ours, none, strict=True)])


def _times(measured: Measured) -> str:
    rows = []
    for (name, connections), rounds in sorted(measured.pages.items(), key=lambda one: one[0][1]):
        took = [ms for each in rounds for ms in each.took_ms]
        requests = len(took)
        rows.append(
            [
                name,
                str(connections),
                *(number(percentile(took, percent)) for percent in (50, 95)),
                number(sum(each.web_cpu_s for each in rounds) * 1000 / requests),
                ratio(_slower(measured, name, connections)),
                number(measured.events_cpu_s[name] / len(rounds)),
            ]
        )
    heads = ["first page", "c", "p50 ms", "p95 ms", "web CPU ms", "p50 against none"]
    return table([*heads, "streams' CPU s of a round"], rows)


if __name__ == "__main__":
    sys.exit(main())
