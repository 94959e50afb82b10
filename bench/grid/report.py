# SPDX-License-Identifier: Apache-2.0
"""Tables, bars and JSON of a run of bench/web."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from bench.grid.pages import Page
from bench.grid.rounds import Figures, Measured, Plan, median_ratio, ratios
from bench.grid.statements import Statements
from bench.measure.figures import median, number, percentile, ratio
from bench.measure.table import table

CPU_BAR = 8.0
SCAN_P95_BAR_MS = 25.0
MEMORY_BAR_MIB = 80.0
STATEMENTS_BAR = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that a run measured."""

    plan: Plan
    pages: Sequence[Page]
    measured: Measured
    scan: Mapping[int, Figures]
    statements: Mapping[tuple[str, str], Statements]
    rss_mib: Mapping[str, float]
    servers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One bar: what was wanted, what was seen, and whether that is enough."""

    bar: str
    wanted: str
    seen: str
    is_met: bool


def verdicts(outcome: Outcome) -> list[Verdict]:
    """Hold the figures against the bars; of several numbers of connections the worst counts."""
    found = []
    for page in outcome.pages:
        worst = min(
            median_ratio(outcome.measured, page.name, each) for each in outcome.plan.connections
        )
        if page.bar is not None:
            found.append(_at_least(f"{page.name}: requests/s, Django's", page.bar, worst))
    cpu = [
        _of(outcome, page, each, "django").web_ms / _of(outcome, page, each, "poser").web_ms
        for page in outcome.pages
        for each in outcome.plan.connections
        if page.name != "two words"
    ]
    found.append(_at_least("CPU of web workers per full page, less", CPU_BAR, min(cpu)))
    p95 = percentile(outcome.scan[1].took_ms, 95)
    found.append(_at_most("scan lookup p95, 1 connection", SCAN_P95_BAR_MS, p95, " ms"))
    found.append(_at_most("memory of a worker", MEMORY_BAR_MIB, outcome.rss_mib["poser"], " MiB"))
    most = max(each.queries for (_, side), each in outcome.statements.items() if side == "poser")
    found.append(_at_most("SQL statements of a page", STATEMENTS_BAR, most, ""))
    return found


def _of(outcome: Outcome, page: Page, connections: int, side: str) -> Figures:
    return outcome.measured[page.name, connections, side]


def _at_least(bar: str, wanted: float, seen: float) -> Verdict:
    return Verdict(bar=bar, wanted=f">= {number(wanted)}x", seen=ratio(seen), is_met=seen >= wanted)


def _at_most(bar: str, wanted: float, seen: float, unit: str) -> Verdict:
    return Verdict(
        bar=bar,
        wanted=f"<= {number(wanted)}{unit}",
        seen=f"{number(seen)}{unit}",
        is_met=seen <= wanted,
    )


def text(outcome: Outcome) -> str:
    """Return the tables that a person reads."""
    parts = [outcome.servers, _speed(outcome), _cost(outcome), _scan(outcome), _bars(outcome)]
    return "\n\n".join(parts)


def _speed(outcome: Outcome) -> str:
    heads = ["requests/s", "c", "Poser", "p50 ms", "p95 ms", "Django", "p50 ms", "p95 ms"]
    rows = []
    for page in outcome.pages:
        for connections in outcome.plan.connections:
            cells = [page.name, str(connections)]
            for side in ("poser", "django"):
                figures = _of(outcome, page, connections, side)
                cells.append(number(median(figures.per_s)))
                cells.append(number(percentile(figures.took_ms, 50)))
                cells.append(number(percentile(figures.took_ms, 95)))
            seen = ratios(outcome.measured, page.name, connections)
            spread = f"{number(min(seen))}-{number(max(seen))}"
            rows.append([*cells, ratio(median(seen)), spread])
    return table([*heads, "ratio", "of rounds"], rows)


def _cost(outcome: Outcome) -> str:
    heads = ["CPU per page, ms", "c", "Poser web", "SQL", "Django web", "SQL", "web", "all"]
    heads += ["statements", "Django", "KiB", "Django"]
    rows = []
    for page in outcome.pages:
        for connections in outcome.plan.connections:
            ours, theirs = (_of(outcome, page, connections, s) for s in ("poser", "django"))
            our_sql, their_sql = (outcome.statements[page.name, s] for s in ("poser", "django"))
            rows.append(
                [
                    page.name,
                    str(connections),
                    *(number(ms) for ms in (ours.web_ms, ours.sql_ms)),
                    *(number(ms) for ms in (theirs.web_ms, theirs.sql_ms)),
                    ratio(theirs.web_ms / ours.web_ms),
                    ratio((theirs.web_ms + theirs.sql_ms) / (ours.web_ms + ours.sql_ms)),
                    *(f"{each.queries}+{each.frames}" for each in (our_sql, their_sql)),
                    *(number(each.body_bytes / 1024) for each in (ours, theirs)),
                ]
            )
    return table(heads, rows)


def _scan(outcome: Outcome) -> str:
    rows = []
    for connections, figures in outcome.scan.items():
        p50, p95 = (percentile(figures.took_ms, percent) for percent in (50, 95))
        rows.append(
            [
                "barcode to product",
                str(connections),
                *(number(value) for value in (median(figures.per_s), p50, p95)),
                *(number(value) for value in (figures.web_ms, figures.sql_ms)),
            ]
        )
    heads = ["scan lookup", "c", "requests/s", "p50 ms", "p95 ms", "web CPU ms", "SQL CPU ms"]
    memory = ", ".join(f"{side} {number(mib)} MiB" for side, mib in outcome.rss_mib.items())
    return f"{table(heads, rows)}\n\nlargest worker after the run: {memory}"


def _bars(outcome: Outcome) -> str:
    rows = [
        [one.bar, one.wanted, one.seen, "met" if one.is_met else "MISSED"]
        for one in verdicts(outcome)
    ]
    return table(["bar", "wanted", "seen", ""], rows)


def as_json(outcome: Outcome) -> dict[str, object]:
    """Return everything for a program to read."""
    return {
        "plan": asdict(outcome.plan),
        "servers": outcome.servers,
        "pages": [
            {
                "page": page,
                "connections": connections,
                "side": side,
                **figures.as_json(),
                "ratios": ratios(outcome.measured, page, connections),
            }
            for (page, connections, side), figures in outcome.measured.items()
        ],
        "scan": {str(each): figures.as_json() for each, figures in outcome.scan.items()},
        "statements": {
            f"{page}, {side}": asdict(each) for (page, side), each in outcome.statements.items()
        },
        "rss_mib": dict(outcome.rss_mib),
        "bars": [asdict(each) for each in verdicts(outcome)],
    }
