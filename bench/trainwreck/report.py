# SPDX-License-Identifier: Apache-2.0
"""What the load of POS transactions came to, beside its bars."""

from dataclasses import asdict

from bench.measure.figures import median, number, percentile
from bench.measure.table import table
from bench.trainwreck.load import BARE, OURS, Figures

RATIO_AT_MOST = 1.5
MONTH_MS_AT_MOST = 20.0


def ratio(figures: Figures) -> float:
    """Return ours to bare: the median over the chunks, which were loaded in turn."""
    pairs = zip(figures.seconds[OURS], figures.seconds[BARE], strict=True)
    return median([ours / bare for ours, bare in pairs])


def total_ratio(figures: Figures) -> float:
    """Return ours to bare: all seconds added up."""
    return sum(figures.seconds[OURS]) / sum(figures.seconds[BARE])


def month_ms(figures: Figures) -> float:
    """Return the median of reading a month: the worse of as it came and folded."""
    return max(median(figures.month_ms), median(figures.folded_month_ms))


def bars(figures: Figures) -> list[tuple[str, str, str, bool]]:
    """List each bar: what, measured, at most, whether it holds."""
    worst = max(ratio(figures), total_ratio(figures))
    months = month_ms(figures)
    return [
        ("load, ours to bare", f"{worst:.2f}x", f"{RATIO_AT_MOST}x", worst <= RATIO_AT_MOST),
        ("month by department", f"{number(months)} ms", "20 ms", months <= MONTH_MS_AT_MOST),
        ("changes by the same again", str(figures.again_changes), "0", figures.again_changes == 0),
        ("sums that differ", str(figures.differences), "0", figures.differences == 0),
    ]


def holds(figures: Figures) -> bool:
    """Tell whether every bar was met."""
    return all(each[3] for each in bars(figures))


def text(figures: Figures) -> str:
    """Write the figures for people."""
    sides = []
    for side in (BARE, OURS):
        seconds = sum(figures.seconds[side])
        rate = figures.lines / seconds
        sides.append(
            [side, number(seconds), number(rate), number(figures.mib / seconds),
             number(figures.disk_mib[side])]
        )  # fmt: skip
    months, folded = median(figures.month_ms), median(figures.folded_month_ms)
    said = f"""\
{figures.transactions:,} POS transactions, {figures.lines:,} lines, {figures.mib:,.0f} MiB of text

{table(("load by COPY", "s", "lines/s", "MiB/s", "MiB on disk"), sides)}

ours to bare: {ratio(figures):.2f}x for a chunk (median), {total_ratio(figures):.2f}x for all
month by department: {number(months)} ms (p95 {number(percentile(figures.month_ms, 95))}) from\
 increments, {number(folded)} ms folded, {number(figures.from_lines_ms)} ms from the lines
folding took {number(figures.fold_ms)} ms
the same again: {figures.again_changes} changes in {number(figures.again_s)} s;\
 {figures.refused} of {len(figures.seconds[OURS])} bare COPYs refused by the keys
counted anew in {number(figures.recount_s)} s: {figures.differences} sums differ
"""
    rows = [(what, seen, most, "yes" if ok else "NO") for what, seen, most, ok in bars(figures)]
    return f"{said}\n{table(('bar', 'measured', 'at most', 'holds'), rows)}"


def as_json(figures: Figures) -> dict[str, object]:
    """Give the figures for programs."""
    met = [{"bar": what, "measured": seen, "holds": ok} for what, seen, _, ok in bars(figures)]
    return {"figures": asdict(figures), "ratio": ratio(figures), "bars": met}
