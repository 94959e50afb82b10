# SPDX-License-Identifier: Apache-2.0
"""Measures reading one setting: from a file, from the database, and by one query for each."""

import argparse
import logging
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.grid.settings import SETTINGS
from bench.grid.statements import count
from bench.measure import machine
from bench.measure.cluster import Cluster
from bench.measure.figures import median, number, percentile, ratio
from bench.measure.machine import Loads
from bench.measure.table import table
from bench.measure.telling import Report, tell
from bench.reading.follow import delays_ms
from bench.reading.sides import Way, fill, ways
from poser.errors import PoserError

READ_BAR_US = 5.0
SEEN_BAR_MS = 1000.0
COUNTED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One way: microseconds of a read in each round, and queries for a thousand reads."""

    name: str
    is_ours: bool
    reads_us: tuple[float, ...]
    queries: float

    @property
    def us(self) -> float:
        """The median of the rounds."""
        return median(self.reads_us)


def main() -> int:
    """Run the bench; exit code 1 when it could not be run, whatever the figures are."""
    parser = argparse.ArgumentParser(prog="bench/settings", description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="interleaved rounds (default 9)")
    parser.add_argument("--changes", type=int, default=100, help="changes seen (default 100)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    if asked.runs < 1 or asked.changes < 1:
        parser.error("at least 1 run and 1 change are needed")
    return tell(lambda: _run(asked), as_json=asked.json)


def _run(asked: argparse.Namespace) -> Report:
    here, loads = machine.look(), Loads()
    logging.getLogger("poser").setLevel(logging.ERROR)  # the many rows are nobody's settings
    figures, seen_ms = _measure(asked.runs, asked.changes, loads)
    return Report(
        machine=here,
        loads=loads,
        text=_report(figures, seen_ms),
        values={"ways": [asdict(one) for one in figures], "seen_ms": seen_ms},
    )


def _measure(runs: int, changes: int, loads: Loads) -> tuple[list[Figure], list[float]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="poser-bench-")))
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own
        cluster = Cluster(folder / "cluster", SETTINGS)
        cluster.create()
        cluster.start()
        stack.callback(cluster.stop)
        role = fill(cluster)
        measured = stack.enter_context(ways(cluster, folder, role))
        for way in measured:
            if way.read() != way.wanted:
                raise PoserError(f"{way.name} reads {way.read()!r}, not {way.wanted!r}")
        queries = {way.name: _queries(cluster, way) for way in measured}
        took: dict[str, list[float]] = {way.name: [] for way in measured}
        for turn in range(runs):
            loads.note()
            first = turn % len(measured)
            for way in (*measured[first:], *measured[:first]):
                took[way.name].append(_time_us(way))
        figures = [
            Figure(
                name=way.name,
                is_ours=way.is_ours,
                reads_us=tuple(took[way.name]),
                queries=queries[way.name],
            )
            for way in measured
        ]
        return figures, delays_ms(cluster, folder, changes)


def _queries(cluster: Cluster, way: Way) -> float:
    """Count the statements of a read, in the server's own log."""
    reads = COUNTED if way.is_ours else 10

    def read() -> None:
        for _ in range(reads):
            way.read()

    return count(cluster, read).all / reads


def _time_us(way: Way) -> float:
    read = way.read
    began = time.perf_counter()
    for _ in range(way.reads):
        read()
    return (time.perf_counter() - began) / way.reads * 1e6


def _report(figures: list[Figure], seen_ms: list[float]) -> str:
    slowest = max(one.us for one in figures if one.is_ours)
    rows = [
        (one.name, number(one.us), number(one.queries), ratio(one.us / slowest)) for one in figures
    ]
    heads = ("one read", "us", "statements", "against our slowest")
    p95 = percentile(seen_ms, 95)
    asks = max(one.queries for one in figures if one.is_ours)
    bars = [
        _bar("a read, the slowest of ours", f"< {READ_BAR_US} us", f"{number(slowest)} us",
             is_met=slowest < READ_BAR_US),
        _bar("statements of a read of ours", "0", number(asks), is_met=asks == 0),
        _bar("a change seen by another process, p95", f"< {SEEN_BAR_MS:.0f} ms",
             f"{number(p95)} ms (median {number(median(seen_ms))}, most {number(max(seen_ms))})",
             is_met=max(seen_ms) < SEEN_BAR_MS),
    ]  # fmt: skip
    return f"{table(heads, rows)}\n\n{table(('bar', 'wanted', 'seen', ''), bars)}"


def _bar(name: str, wanted: str, seen: str, *, is_met: bool) -> tuple[str, str, str, str]:
    return name, wanted, seen, "met" if is_met else "MISSED"


if __name__ == "__main__":
    sys.exit(main())
