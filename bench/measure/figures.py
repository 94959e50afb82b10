# SPDX-License-Identifier: Apache-2.0
"""Medians, percentiles and ratios of measured figures."""

import math
import statistics
from collections.abc import Sequence


def median(values: Sequence[float]) -> float:
    """Return the middle of `values`; raises ValueError when there are none."""
    if not values:
        raise ValueError("no values were measured")
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` of 100 of `values` do not exceed.

    This is the nearest-rank percentile: always a value that was really seen.
    Raises ValueError when there are no values.
    """
    if not values:
        raise ValueError("no values were measured")
    ranked = sorted(values)
    rank = math.ceil(percent / 100 * len(ranked))
    return ranked[max(rank, 1) - 1]


def number(value: float | None) -> str:
    """Write a figure with three significant digits, or a dash when it was not measured."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def ratio(value: float | None) -> str:
    """Write how many times: 24x, 0.3x; a dash when it was not measured."""
    return "-" if value is None else f"{number(value)}x"
