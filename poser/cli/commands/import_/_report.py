# SPDX-License-Identifier: Apache-2.0
"""What came of a run, for people and as an exit code for scripts."""

from collections.abc import Iterable, Sequence

import click

from poser.cli.app import DIFFERS, FAILED, REFUSED, STOPPED
from poser.cli.output import shown, write_json, write_table
from poser.importing.asked import Asked
from poser.importing.result import Difference, Kind, ModelResult, Refusal, RunResult, RunStatus

SHOWN = 20
"""Records kept aside that are named; the others are counted."""

_ENDED_BADLY = {
    RunStatus.FAILED: FAILED,
    RunStatus.INTERRUPTED: FAILED,
    RunStatus.STOPPED: STOPPED,
}
_COUNTS = ("read", "created", "updated", "deleted", "unchanged")
_SOMETIMES = ("skipped", "refused", "duplicates")
_WOULD = {"created": "to create", "updated": "to update", "deleted": "to delete"}
_SAID = {"refused": "kept aside", "duplicates": "of these twice"}
_COLORS = {Kind.CREATE: "green", Kind.UPDATE: "yellow", Kind.DELETE: "red"}


def exit_code(result: RunResult, asked: Asked) -> int:
    """Give the exit code: how it ended, whether it found changes, whether it kept some aside."""
    if result.status in _ENDED_BADLY:
        return _ENDED_BADLY[result.status]
    if result.changes and (asked.warnings or asked.dry_run):
        return DIFFERS
    return REFUSED if result.refused else 0


def report(result: RunResult, asked: Asked, *, as_json: bool = False, quiet: bool = False) -> None:
    """Tell people what came of a run, or programs as JSON; what is wrong goes to stderr."""
    if as_json:
        write_json({**result.to_json(), "exit_code": exit_code(result, asked)})
    elif not quiet:
        click.echo(_headline(result))
        for note in result.notes:
            click.echo(f"  {note}")
        write_counts(result.models, is_done=_wrote(result))
        if not (_wrote(result) or result.batches) or asked.warnings:
            write_differences(one for model in result.models for one in model.differences)
            _write_rest(result.models)
    _write_refusals(result)
    if result.why:
        click.echo(f"error: {result.why}", err=True)
        if result.hint:
            click.echo(f"hint: {result.hint}", err=True)


def write_counts(models: Sequence[ModelResult], *, is_done: bool) -> None:
    """Write a line of counts for each model; what nothing has stays out."""
    if not models:
        return
    columns = (*_COUNTS, *(name for name in _SOMETIMES if any(getattr(m, name) for m in models)))
    words = _SAID if is_done else _SAID | _WOULD
    head = ("model", *(words.get(name, name) for name in columns))
    rows = [(one.model, *(f"{getattr(one, name):,}" for name in columns)) for one in models]
    write_table([head, *rows])


def write_differences(differences: Iterable[Difference]) -> None:
    """Write rows that differ: each with its key, and the fields old and new."""
    for one in differences:
        kind = click.style(one.kind, fg=_COLORS[one.kind])
        click.echo(f"{kind} {one.model} {one.key}")
        names = list(dict.fromkeys((*one.old, *one.new)))
        width = max((len(name) for name in names), default=0)
        for name in names:
            sides = [shown(side, name) for side in (one.old, one.new) if side]
            click.echo(f"    {name.ljust(width)}  {' -> '.join(sides)}")


def said(result: RunResult) -> str:
    """Say in a few words how a run ended."""
    if result.status in {RunStatus.DONE, RunStatus.DRY} and not result.changes:
        return "nothing to change" if result.status is RunStatus.DRY else "nothing changed"
    return {
        RunStatus.DONE: _changes(result),
        RunStatus.DRY: f"{_changes(result)} found, none made",
        RunStatus.BATCH: f"{_changes(result)} in a batch, none made",
        RunStatus.STOPPED: "stopped, nothing is written",
    }.get(result.status, str(result.status))


def _changes(result: RunResult) -> str:
    return f"{result.changes:,} change{'' if result.changes == 1 else 's'}"


def _headline(result: RunResult) -> str:
    took = f"{result.seconds:.1f} s" if result.seconds else ""
    inner = ", ".join(part for part in (f"run {result.number}", took) if part)
    source = f" from {result.source}" if result.source else ""
    return f"{result.key}{source}: {said(result)} ({inner})"


def _wrote(result: RunResult) -> bool:
    return result.status in {RunStatus.DONE, RunStatus.REVERTED}


def _write_rest(models: Sequence[ModelResult]) -> None:
    """Say how many changes are not shown."""
    rest = sum(one.changes - len(one.differences) for one in models)
    if rest > 0:
        click.echo(f"and {rest:,} more changes; --max-diffs shows more")


def _write_refusals(result: RunResult) -> None:
    refusals: list[Refusal] = [one for model in result.models for one in model.refusals]
    for refusal in refusals[:SHOWN]:
        click.echo(f"kept aside: {refusal}", err=True)
    rest = result.refused - len(refusals[:SHOWN])
    if rest > 0:
        hint = f"poser import show {result.number} --refused"
        click.echo(f"kept aside: and {rest:,} more; {hint} lists them", err=True)
