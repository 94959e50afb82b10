# SPDX-License-Identifier: Apache-2.0
"""Says in few lines what a run did: what changed, how long it took, where to go next."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from control.fleet import Outcome
from control.inventory import Inventory
from control.paint import Ink, paint, paint_diff
from control.paths import shown
from control.progress import count
from control.provision import Report

if TYPE_CHECKING:
    from control.verify import VerifyResult

FIRST_USER = "admin"
WORTH_TELLING_S = 0.1


def provisioned(
    outcomes: Sequence[Outcome[Report]], inventory: Inventory, took: Mapping[str, float]
) -> Iterator[str]:
    """Yield the lines that end `fab provision`.

    `took` are the seconds of the parts that all machines waited for.
    """
    before = {part: seconds for part, seconds in took.items() if seconds >= WORTH_TELLING_S}
    if before:
        yield paint(f"before: {_listed(before)}", Ink.DIM)
    for outcome in outcomes:
        if outcome.answer is not None:
            yield from _machine(outcome, outcome.answer)
            if len(outcomes) == 1 or outcome.answer.converged.changed:
                indent = " " * (len(outcome.machine.name) + 2)
                yield from (indent + line for line in _ways_in(outcome.answer, inventory))
    yield from _altogether(outcomes)


def checked(outcomes: Sequence[Outcome[Report]]) -> Iterator[str]:
    """Yield the plan of each machine, with its differences: what `fab provision --check` says."""
    for outcome in outcomes:
        if outcome.answer is None:
            continue
        converged = outcome.answer.converged
        total = converged.done.get("resources", 0)
        head = f"{len(converged.planned)} would change of {count(total, 'resource')}"
        ink = Ink.YELLOW if converged.planned else Ink.GREEN
        yield f"{paint(outcome.machine.name, Ink.BOLD)}  {paint(head, ink)}"
        for step in converged.planned:
            yield f"  {step['key']}  {paint(step.get('reason', ''), Ink.DIM)}"
            if step.get("diff"):
                yield _indented(paint_diff(step["diff"]), 4)


def is_drift(outcomes: Sequence[Outcome[Report]]) -> bool:
    """Tell whether a check found anything to change."""
    return any(outcome.answer and outcome.answer.converged.planned for outcome in outcomes)


def verified(outcomes: "Sequence[Outcome[VerifyResult]]") -> Iterator[str]:
    """Yield one line for each machine that was verified."""
    for outcome in outcomes:
        if outcome.answer is not None:
            result = outcome.answer
            head = f"{count(result.passed, 'check')} passed, {result.failed} failed"
            ink = Ink.RED if result.failed else Ink.GREEN
            seconds = paint(f"{outcome.seconds:.1f} s", Ink.DIM)
            yield f"{paint(outcome.machine.name, Ink.BOLD)}  {paint(head, ink)}  {seconds}"


def _machine(outcome: Outcome[Report], report: Report) -> Iterator[str]:
    name = outcome.machine.name
    changed, total = len(report.converged.changed), report.converged.done.get("resources", 0)
    head = f"{changed} changed of {count(total, 'resource')}"
    ink = Ink.YELLOW if changed else Ink.GREEN
    yield f"{paint(name, Ink.BOLD)}  {paint(head, ink)}  {paint(_times(outcome), Ink.DIM)}"
    for line in _verified(report):
        yield " " * (len(name) + 2) + line


def _times(outcome: Outcome[Report]) -> str:
    parts = outcome.answer.seconds if outcome.answer else {}
    return f"{outcome.seconds:.1f} s: {_listed(parts)}"


def _listed(parts: Mapping[str, float]) -> str:
    return ", ".join(f"{part} {seconds:.1f} s" for part, seconds in parts.items())


def _verified(report: Report) -> Iterator[str]:
    if report.filled:
        yield f"loaded {count(report.filled, 'example')}"
    if report.verified is not None:
        failed = f", {report.verified.failed} failed" if report.verified.failed else ""
        yield f"verified: {count(report.verified.passed, 'check')} passed{failed}"
    elif report.was_verified_before:
        yield "verified earlier with the same values; fab verify checks it again"


def _ways_in(report: Report, inventory: Inventory) -> Iterator[str]:
    """Yield where people go next."""
    if report.role.url:
        yield f"web      {report.role.url}/"
        if "admin-password" in report.host.secrets:
            path = inventory.secrets / report.host.name / "admin-password"
            yield f"sign in  {FIRST_USER}, the password is in {shown(path)}"
        if report.converged.changed:
            authority = shown(inventory.secrets / "authority" / "root.pem")
            yield f"trust    {authority} has signed its certificate; give it to your browser"


def _altogether(outcomes: Sequence[Outcome[Report]]) -> Iterator[str]:
    """Yield one line about all machines when there are several."""
    if len(outcomes) < 2:  # noqa: PLR2004
        return
    failed = [outcome.machine.name for outcome in outcomes if outcome.error is not None]
    changed = sum(len(each.answer.converged.changed) for each in outcomes if each.answer)
    yield f"{count(len(outcomes), 'machine')}: {changed} changed, {len(failed)} failed"
    if failed:
        yield f"failed: {', '.join(failed)}; run it again for them: host={',host='.join(failed)}"


def _indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line for line in text.splitlines())
