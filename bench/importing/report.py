# SPDX-License-Identifier: Apache-2.0
"""What the importer took, beside its bars."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from bench.importing.measuring import (
    CHANGED,
    CREATE,
    DELETE,
    PER_RECORD,
    UNCHANGED,
    UPDATE,
    Figures,
    Took,
)
from bench.measure.figures import median, number, ratio
from bench.measure.table import table

CREATE_BAR, AGAIN_BAR, RECORDED_BAR, MEMORY_BAR_MIB = 1.25, 0.7, 1.5, 80.0
SAME = 1.05
RATTAIL_PER_S: Mapping[str, float] = {
    CREATE: 100_000 / 80.8,
    UNCHANGED: 100_000 / 11.2,
    UPDATE: 3_700.0,
    DELETE: 82.0,
}
"""Records a second of Rattail 0.21.3's own importer, which is not run here.

*Source:* measured once on two cores of the same kind, PostgreSQL beside it. The first two are
100,000 products of 11 columns to a second of CPU, client and server together; the others 20,000
rows of six fields by the clock, with its one process at work all the time.
"""
TIMES_BAR: Mapping[str, float] = {CREATE: 10.0, UNCHANGED: 10.0, UPDATE: 10.0, DELETE: 100.0}


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure is held against."""

    what: str
    measured: str
    bar: str
    is_met: bool


def bars(figures: Figures) -> list[Bar]:
    """Hold the figures against the bars."""
    create = _ratio(figures.off[CREATE], figures.copy)
    found = [_at_most("all created, to raw COPY", create, CREATE_BAR)]
    for what in (UNCHANGED, CHANGED):
        again = _ratio(figures.off[what], figures.off[CREATE])
        found.append(_at_most(f"{what}, to all created", again, AGAIN_BAR))
    for what, on in figures.on.items():
        kept = _ratio(on, figures.off[what])
        found.append(_at_most(f"{what}, history and capture on to off", kept, RECORDED_BAR))
    for rows, mib in figures.peak_mib.items():
        words = f"memory at {rows:,} rows"
        met = mib <= MEMORY_BAR_MIB
        found.append(Bar(words, f"{mib:.0f} MiB", f"at most {MEMORY_BAR_MIB:.0f} MiB", met))
    if len(figures.peak_mib) > 1:
        few, many = (figures.peak_mib[rows] for rows in sorted(figures.peak_mib))
        found.append(_at_most("memory, many rows to few", many / few, SAME))
    for what in PER_RECORD:
        times = _per_s(figures, what) / RATTAIL_PER_S[what]
        met = times >= TIMES_BAR[what]
        words = f"{what}, records a second to Rattail"
        found.append(Bar(words, ratio(times), f"at least {ratio(TIMES_BAR[what])}", met))
    return found


def text(figures: Figures) -> str:
    """Write the figures for people."""
    sides = [_side("raw COPY", figures.copy, "")]
    sides += [_side(what, took, _steps(figures.steps[what])) for what, took in figures.off.items()]
    sides += [_side(f"{what}, recorded", took, "") for what, took in figures.on.items()]
    heads = (f"{figures.rows:,} products", "s", "s CPU", "read/compare/check/write s")
    vendors = [
        (
            what,
            number(median([one.clock for one in figures.vendors[what]])),
            number(median([one.cpu for one in figures.vendors[what]])),
            number(_per_s(figures, what)),
            number(RATTAIL_PER_S[what]),
        )
        for what in PER_RECORD
    ]
    vendor_heads = (f"{figures.vendor_rows:,} vendors", "s", "s CPU", "rows/s CPU", "Rattail's")
    clock = _ratio(figures.off[CREATE], figures.copy, by="clock")
    held = [
        (bar.what, bar.measured, bar.bar, "yes" if bar.is_met else "NO") for bar in bars(figures)
    ]
    return "\n\n".join(
        (
            table(heads, sides),
            table(vendor_heads, vendors),
            f"by the clock, all created is {clock:.2f}x raw COPY",
            table(("bar (of CPU seconds)", "measured", "limit", "met"), held),
        )
    )


def as_json(figures: Figures) -> dict[str, object]:
    """Give the figures for programs."""
    return {"figures": asdict(figures), "bars": [asdict(bar) for bar in bars(figures)]}


def _ratio(ones: Sequence[Took], others: Sequence[Took], *, by: str = "cpu") -> float:
    """Divide each round's figure by that of another side in the same round."""
    return median([getattr(a, by) / getattr(b, by) for a, b in zip(ones, others, strict=True)])


def _side(what: str, took: Sequence[Took], steps: str) -> tuple[str, ...]:
    clock = median([one.clock for one in took])
    cpu = median([one.cpu for one in took])
    return (what, number(clock), number(cpu), steps)


def _at_most(what: str, measured: float, bar: float) -> Bar:
    return Bar(what, f"{measured:.2f}x", f"at most {bar:.2f}x", measured <= bar)


def _per_s(figures: Figures, what: str) -> float:
    return figures.vendor_rows / median([one.cpu for one in figures.vendors[what]])


def _steps(steps: Mapping[str, float]) -> str:
    return " / ".join(number(seconds) for seconds in steps.values())
