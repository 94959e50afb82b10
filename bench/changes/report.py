# SPDX-License-Identifier: Apache-2.0
"""Figures of a run as tables, as JSON, and against the bars."""

from dataclasses import dataclass, field

from bench.changes.lookup import Lookups
from bench.changes.sides import BOTH, CAPTURE, NOTHING
from bench.measure.figures import median, number, percentile, ratio
from bench.measure.table import table

BULK_BAR, CAPTURE_BAR = 2.0, 1.3
RATE_BAR = 0.6
LOOKUP_BAR_MS = 5.0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What was measured: seconds and rates by side, round by round."""

    rows: int
    clients: int
    bulk_s: dict[str, list[float]] = field(default_factory=dict)
    rates: dict[str, list[float]] = field(default_factory=dict)
    lookups: Lookups | None = None


def ratios(measured: dict[str, list[float]], name: str, to: str = NOTHING.name) -> list[float]:
    """Divide each round's figure by that of another side in the same round."""
    return [a / b for a, b in zip(measured[name], measured[to], strict=False)]


def text(outcome: Outcome) -> str:
    """Write the figures and what became of the bars."""
    parts = [
        table(
            (f"{outcome.rows:,} products changed", "s", "times nothing kept"),
            [
                (name, number(median(s)), ratio(median(ratios(outcome.bulk_s, name))))
                for name, s in outcome.bulk_s.items()
            ],
        ),
        table(
            (f"one product a commit, {outcome.clients} clients", "commits/s", "of nothing kept"),
            [
                (name, number(median(s)), ratio(median(ratios(outcome.rates, name))))
                for name, s in outcome.rates.items()
            ],
        ),
    ]
    if outcome.lookups:
        found = outcome.lookups
        rows = [
            (name, number(median(ms)), number(percentile(ms, 95)), number(max(ms)))
            for name, ms in (
                ("what it is, and who made it so", found.latest_ms),
                ("all its history", found.history_ms),
            )
        ]
        head = f"one record of {found.versions:,} versions, {found.months} partitions"
        parts.append(table((head, "p50 ms", "p95 ms", "max ms"), rows))
    parts.append("\n".join(f"{'met' if met else 'MISSED'}: {bar}" for bar, met in bars(outcome)))
    return "\n\n".join(parts)


def bars(outcome: Outcome) -> list[tuple[str, bool]]:
    """Hold the figures against the bars."""
    both = median(ratios(outcome.bulk_s, BOTH.name))
    capture = median(ratios(outcome.bulk_s, CAPTURE.name))
    rate = median(ratios(outcome.rates, BOTH.name))
    found = [
        (f"all products, history and capture: {both:.2f}x, at most {BULK_BAR}x", both <= BULK_BAR),
        (f"all products, capture: {capture:.2f}x, at most {CAPTURE_BAR}x", capture <= CAPTURE_BAR),
        (f"single commits, both: {rate:.2f}x, at least {RATE_BAR}x", rate >= RATE_BAR),
    ]
    if outcome.lookups:
        for name, ms in (
            ("latest state", outcome.lookups.latest_ms),
            ("history", outcome.lookups.history_ms),
        ):
            p95 = percentile(ms, 95)
            words = f"{name} of a record: p95 {p95:.1f} ms, under {LOOKUP_BAR_MS} ms"
            found.append((words, p95 < LOOKUP_BAR_MS))
    return found


def as_json(outcome: Outcome) -> dict[str, object]:
    """Return everything that was measured."""
    found = outcome.lookups
    return {
        "rows": outcome.rows,
        "clients": outcome.clients,
        "bulk_s": outcome.bulk_s,
        "commits_per_s": outcome.rates,
        "latest_ms": found and found.latest_ms,
        "history_ms": found and found.history_ms,
        "bars": [{"bar": bar, "met": met} for bar, met in bars(outcome)],
    }
