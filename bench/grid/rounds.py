# SPDX-License-Identifier: Apache-2.0
"""Interleaved rounds of load on both web apps, with the CPU time that each request cost."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field

from bench.grid.client import Load, Result
from bench.grid.pages import Page
from bench.grid.sides import CHECKOUT, Side
from bench.measure import processes
from bench.measure.figures import median, percentile
from bench.measure.machine import Loads
from poser.errors import PoserError

MOST_REQUESTS = 4_000
CLIENT_WITHIN_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long and how often: seconds of load for each measurement, rounds of all of them."""

    rounds: int
    seconds: float
    connections: Sequence[int] = (1, 4)
    least: int = 3


@dataclass(slots=True, kw_only=True)
class Figures:
    """What one app did for one page under one number of connections, over all rounds."""

    per_s: list[float] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)
    web_cpu_s: float = 0.0
    sql_cpu_s: float = 0.0
    body_bytes: int = 0

    @property
    def web_ms(self) -> float:
        """CPU milliseconds of the web server's processes for one page."""
        return self.web_cpu_s * 1000 / len(self.took_ms)

    @property
    def sql_ms(self) -> float:
        """CPU milliseconds of PostgreSQL's processes for one page."""
        return self.sql_cpu_s * 1000 / len(self.took_ms)

    def as_json(self) -> dict[str, object]:
        """Return the figures for a JSON report, without each single time."""
        return {
            "per_s": self.per_s,
            "requests": len(self.took_ms),
            "p50_ms": percentile(self.took_ms, 50),
            "p95_ms": percentile(self.took_ms, 95),
            "web_cpu_ms": self.web_ms,
            "sql_cpu_ms": self.sql_ms,
            "body_bytes": self.body_bytes,
        }


Key = tuple[str, int, str]
"""Page name, number of connections, side name."""

Measured = dict[Key, Figures]


def ratios(measured: Measured, page: str, connections: int) -> list[float]:
    """Return requests per second of ours over Django's, round by round."""
    ours = measured[page, connections, "poser"].per_s
    theirs = measured[page, connections, "django"].per_s
    return [our / their for our, their in zip(ours, theirs, strict=True)]


def median_ratio(measured: Measured, page: str, connections: int) -> float:
    """Return the middle of the ratios of all rounds."""
    return median(ratios(measured, page, connections))


def run(
    plan: Plan,
    pages: Sequence[Page],
    sides: Sequence[Side],
    *,
    sql_server: int,
    loads: Loads,
    say: Callable[[str], None],
) -> Measured:
    """Measure every page on every side, round after round; `sql_server` is PostgreSQL's id."""
    measured: Measured = {}
    for number in range(plan.rounds):
        say(f"round {number + 1} of {plan.rounds}")
        for page, connections, side in _in_turn(plan, pages, sides, number):
            figures = measured.setdefault((page.name, connections, side.name), Figures())
            measure(
                plan,
                page.paths(side.name),
                side,
                connections=connections,
                sql_server=sql_server,
                figures=figures,
            )
            loads.note()
    return measured


def _in_turn(
    plan: Plan, pages: Sequence[Page], sides: Sequence[Side], number: int
) -> Iterator[tuple[Page, int, Side]]:
    """Yield what is measured in one round; who goes first changes from round to round."""
    ordered = list(sides) if number % 2 == 0 else list(reversed(sides))
    for page in pages:
        for connections in plan.connections:
            for side in ordered:
                yield page, connections, side


def measure(
    plan: Plan,
    paths: Sequence[str],
    side: Side,
    *,
    connections: int,
    sql_server: int,
    figures: Figures,
    expect: int = 200,
) -> None:
    """Put load on one app once and add what it did to `figures`."""
    load = Load(
        port=side.port,
        paths=paths,
        headers=dict(side.headers),
        expect=expect,
        connections=connections,
        seconds=plan.seconds,
        least=plan.least,
        most=MOST_REQUESTS,
    )
    web, sql = processes.cpu_s(side.server.pid), processes.cpu_s(sql_server)
    answer = _client(load)
    figures.web_cpu_s += processes.cpu_s(side.server.pid) - web
    figures.sql_cpu_s += processes.cpu_s(sql_server) - sql
    if answer.errors:
        raise PoserError(
            f"{side.name} failed under load: {answer.errors[0]}", hint=f"see {side.log}"
        )
    figures.per_s.append(answer.per_s)
    figures.took_ms += answer.took_ms
    figures.body_bytes = max(figures.body_bytes, answer.body_bytes)


def _client(load: Load) -> Result:
    """Run the client as a process of its own, so that it shares no lock with this one."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.grid.client"],
        input=json.dumps(asdict(load)),
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
        timeout=CLIENT_WITHIN_S,
    )
    if done.returncode:
        raise PoserError(f"the client failed: {done.stderr[-2000:]}")
    return Result(**json.loads(done.stdout))
