# SPDX-License-Identifier: Apache-2.0
"""`poser import show`: what one run changed, and what it kept aside."""

from dataclasses import asdict, replace
from datetime import UTC
from typing import TYPE_CHECKING

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.import_._report import write_counts, write_differences
from poser.cli.commands.import_.runs import plain
from poser.cli.databases import as_json
from poser.cli.output import write_json
from poser.importing.result import Kind, RunStatus

if TYPE_CHECKING:
    from poser.importing.result import RunResult
    from poser.importing.shown import ChangeShown
    from poser.model.importing import ImportRun


@click.command()
@click.argument("run", type=click.IntRange(min=1), metavar="RUN")
@click.option("--model", default="", help="Only rows of this model.", metavar="MODEL")
@click.option("--refused", is_flag=True, help="Only what was kept aside.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="Most changes to show, and most records kept aside; 0 is all.",
)
@as_json
@pass_node
def command(node: Node, run: int, *, model: str, refused: bool, limit: int, as_json: bool) -> None:
    """Show one run: how it ended, what it changed, old and new, and what it kept aside.

    RUN is its number, as `poser import runs` has it.

    \b
    Examples:
      poser import show 12
      poser import show 12 --refused --limit 0
      poser import show 12 --model Product --json
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.importing import runs  # noqa: PLC0415
    from poser.importing.showing import (  # noqa: PLC0415
        all_changes,
        changes_of,
        refusals_of,
        shown,
        unrecorded,
    )

    engine = node.engine("poser", command="import show")
    with transaction(engine, read_only=True) as session:
        found = runs.by_number(session, run)
        result = runs.result_of(found)
        seen = shown(session, found)
        changes: list[ChangeShown] = []
        if not refused and limit:
            changes = changes_of(session, seen, model=model, limit=limit)
        elif not refused:
            changes = list(all_changes(session, seen, model=model))
        aside = refusals_of(session, seen, model=model, limit=limit or None)
        without = unrecorded(session, seen)
    if as_json:
        write_json(
            {
                **plain(found),
                "changes": [asdict(one) for one in changes],
                "refusals": [asdict(one) for one in aside],
                "not_in_history": without,
            }
        )
        return
    _write_head(found, result)
    write_counts(result.models, is_done=seen.wrote)
    write_differences(map(_brief, changes))
    if not refused and not model and (rest := result.changes - len(changes)) > 0:
        click.echo(f"and {rest:,} more changes; --limit 0 shows all")
    for one in aside:
        click.echo(f"kept aside: {one}")
    if not model and (rest := result.refused - len(aside)) > 0:
        click.echo(f"kept aside: and {rest:,} more; --limit 0 shows all")
    for name in without:
        click.echo(f"note: not all changes of {name} are in the history: it was off, or is purged")


def _brief(one: "ChangeShown") -> "ChangeShown":
    """Leave out what is empty in a row that is new or gone."""
    if one.kind is Kind.UPDATE:
        return one
    return replace(one, old=_filled(one.old), new=_filled(one.new))


def _filled(side: dict[str, str | None]) -> dict[str, str | None]:
    return {name: value for name, value in side.items() if value}


def _write_head(run: "ImportRun", result: "RunResult") -> None:
    began = f"{run.began_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
    took = f", took {result.seconds:,.1f} s" if run.ended_at else ""
    click.echo(f"run {run.number} of {run.key}: {run.status} ({began}{took})")
    click.echo(f"  {run.user_name or 'nobody known'}: {run.command or 'no command line'}")
    for words in (run.source and f"from {run.source}", run.comment and f"“{run.comment}”"):
        if words:
            click.echo(f"  {words}")
    for note in run.notes:
        click.echo(f"  {note}")
    if run.why:
        click.echo(f"  why: {run.why}")
    if run.hint:
        click.echo(f"  hint: {run.hint}")
    if run.stage is not None:
        gone = "if its program is gone, " if run.status == RunStatus.RUNNING else ""
        click.echo(f"  {gone}it can go on from here: poser import resume {run.number}")
