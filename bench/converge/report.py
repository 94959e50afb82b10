# SPDX-License-Identifier: Apache-2.0
"""Tables, bars and JSON of a run of bench/provision."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from bench.converge.measure import Run
from bench.measure.figures import median, number, ratio
from bench.measure.table import table

LIMIT_CPU_BAR = 1.5
UNCHANGED_WALL_BAR_S = 2.0
FIRST_BAR = 1.3
TOOLS = ("poser", "limit", "pyinfra", "ansible")


@dataclass(slots=True, kw_only=True)
class Outcome:
    """All runs by scenario and tool, the parts by themselves, and what tools left otherwise."""

    runs: dict[str, dict[str, list[Run]]] = field(default_factory=dict)
    parts: list[dict[str, float]] = field(default_factory=list)
    differences: dict[str, list[str]] = field(default_factory=dict)

    def add(self, scenario: str, run: Run) -> None:
        """Keep a run."""
        self.runs.setdefault(scenario, {}).setdefault(run.tool, []).append(run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One bar: what was wanted, what was seen, and whether that is enough."""

    bar: str
    wanted: str
    seen: str
    is_met: bool


def _median(runs: Sequence[Run], read: Callable[[Run], float]) -> float:
    return median([read(run) for run in runs])


def _count(values: Sequence[int | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{median(known):.0f}" if known else "-"


def against(
    outcome: Outcome, scenario: str, tool: str, read: Callable[[Run], float]
) -> float | None:
    """Return the median of a tool's figure over the limit's, round by round, if it was there."""
    ours, limits = outcome.runs[scenario][tool], outcome.runs[scenario].get("limit")
    if limits is None:
        return None
    return median([read(one) / read(limit) for one, limit in zip(ours, limits, strict=True)])


def text(outcome: Outcome) -> str:
    """Return the tables that a person reads."""
    parts = [_scenario(outcome, name) for name in outcome.runs]
    if outcome.parts:
        parts.append(_parts(outcome))
    parts += [_differences(outcome), _bars(outcome)]
    return "\n\n".join(part for part in parts if part)


def _scenario(outcome: Outcome, scenario: str) -> str:
    heads = [scenario, "wall s", "CPU s", "control", "target", "x limit wall", "CPU"]
    heads += ["connections", "sessions", "KiB", "says changed", "runs"]
    rows = []
    for tool in TOOLS:
        runs = outcome.runs[scenario].get(tool)
        if not runs:
            continue
        rows.append(
            [
                tool,
                *(
                    number(_median(runs, read))
                    for read in (
                        lambda run: run.wall_s,
                        lambda run: run.cpu_s,
                        lambda run: run.control_cpu_s,
                        lambda run: run.target_cpu_s,
                    )
                ),
                ratio(against(outcome, scenario, tool, lambda run: run.wall_s)),
                ratio(against(outcome, scenario, tool, lambda run: run.cpu_s)),
                _count([run.connections for run in runs]),
                _count([run.sessions for run in runs]),
                number(_median(runs, lambda run: run.wire_bytes / 1024)),
                _count([run.says_changed for run in runs]),
                str(len(runs)),
            ]
        )
    return table(heads, rows)


def _parts(outcome: Outcome) -> str:
    names = list(outcome.parts[0])
    rows = [[name, number(median([part[name] for part in outcome.parts]))] for name in names]
    rows.append(["together", number(median([sum(part.values()) for part in outcome.parts]))])
    return table(["first build's parts by themselves", "wall s"], rows)


def _differences(outcome: Outcome) -> str:
    lines = []
    for subject, found in outcome.differences.items():
        lines.append(f"{subject}: {f'{len(found)} differences' if found else 'the same state'}")
        lines += [f"  {line}" for line in found[:20]]
    return "\n".join(lines)


def verdicts(outcome: Outcome) -> list[Verdict]:
    """Hold the figures against the bars."""
    found = []
    if "unchanged" in outcome.runs:
        runs = outcome.runs["unchanged"]["poser"]
        for what, most in (
            ("connections", max(run.connections or 0 for run in runs)),
            ("sessions", max(run.sessions or 0 for run in runs)),
        ):
            found.append(
                Verdict(bar=f"unchanged: {what}", wanted="1", seen=str(most), is_met=most == 1)
            )
        cpu = against(outcome, "unchanged", "poser", lambda run: run.cpu_s) or 0.0
        found.append(_at_most("unchanged: CPU of both sides, the limit's", LIMIT_CPU_BAR, cpu, "x"))
        wall = _median(runs, lambda run: run.wall_s)
        found.append(_at_most("unchanged: prompt to prompt", UNCHANGED_WALL_BAR_S, wall, " s"))
    if outcome.parts and "first build" in outcome.runs:
        together = median([sum(part.values()) for part in outcome.parts])
        runs = outcome.runs["first build"]["poser"]
        whole = _median(runs, lambda run: run.wall_s) / together
        found.append(_at_most("first build: whole command, its parts'", FIRST_BAR, whole, "x"))
        converging = [run.converging_s for run in runs if run.converging_s is not None]
        if converging:
            seen = median(converging) / together
            found.append(_at_most("first build: converging, its parts'", FIRST_BAR, seen, "x"))
    return found


def _at_most(bar: str, wanted: float, seen: float, unit: str) -> Verdict:
    return Verdict(
        bar=bar,
        wanted=f"<= {number(wanted)}{unit}",
        seen=f"{number(seen)}{unit}",
        is_met=seen <= wanted,
    )


def _bars(outcome: Outcome) -> str:
    rows = [
        [one.bar, one.wanted, one.seen, "met" if one.is_met else "MISSED"]
        for one in verdicts(outcome)
    ]
    return table(["bar", "wanted", "seen", ""], rows) if rows else ""


def as_json(outcome: Outcome) -> Mapping[str, object]:
    """Return everything for a program to read."""
    return {
        "runs": {
            scenario: {tool: [run.as_json() for run in runs] for tool, runs in by_tool.items()}
            for scenario, by_tool in outcome.runs.items()
        },
        "parts": outcome.parts,
        "differences": outcome.differences,
        "bars": [asdict(each) for each in verdicts(outcome)],
    }
