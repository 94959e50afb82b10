# SPDX-License-Identifier: Apache-2.0
"""How a bench tells what it measured: for people, and with `--json` for programs."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.measure.machine import Loads, Machine
from poser.errors import PoserError

MISSED = 3
"""Exit code of a bench that measured and missed a bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was measured, on which computer; `about` stands behind its load."""

    machine: Machine
    loads: Loads
    text: str
    values: Mapping[str, object]
    about: str = ""
    is_missed: bool = False


def tell(measure: Callable[[], Report], *, as_json: bool) -> int:
    """Measure and print it; the exit code is 1 when that could not be done."""
    try:
        report = measure()
    except PoserError as error:
        print(f"error: {error}\nhint: {error.hint}", file=sys.stderr)
        return 1
    if as_json:
        values = {"machine": report.machine.as_json(), "loads": report.loads.seen, **report.values}
        json.dump(values, sys.stdout, indent=2)
        print()
    about = f"; {report.about}" if report.about else ""
    text = f"\n{report.machine}\n{report.loads}{about}\n\n{report.text}"
    print(text, file=sys.stderr if as_json else sys.stdout)
    return MISSED if report.is_missed else 0
