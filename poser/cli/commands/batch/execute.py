# SPDX-License-Identifier: Apache-2.0
"""`poser batch execute`: do what a batch says, once."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from poser.cli.app import DIFFERS, REFUSED, Node, pass_node
from poser.cli.commands.batch._shared import at_work, number, type_by_number, who
from poser.cli.databases import as_json
from poser.cli.output import write_json

if TYPE_CHECKING:
    from poser.batch.batch_type import Executed
    from poser.batch.executing import Preview

_SHOWN = 50


@click.command()
@number
@click.option("--preview", is_flag=True, help="Do everything, show it, and take it all back.")
@who
@as_json
@pass_node
@click.pass_context
def command(
    context: click.Context,
    node: Node,
    number: int,
    as_user: str,
    comment: str,
    *,
    preview: bool,
    as_json: bool,
) -> None:
    """Do what a batch says: all of it in one transaction, or nothing.

    A batch can be executed once, whoever tries at the same time. If it fails, nothing of it is
    kept and it can be tried again. Rows whose records changed since the batch was made are
    left out and marked; `poser batch show NUMBER --outcome stale` lists them.

    \b
    Exit codes: 0 done, 1 failed, 3 --preview found changes,
    5 some rows were left out and the rest is done.
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.batch import executing  # noqa: PLC0415 - slow

    with at_work(node, "execute", as_user, comment) as engine:
        batch_type = type_by_number(node, engine, number)
        if preview:
            seen = executing.preview(engine, batch_type, number)
            _show_preview(seen, as_json=as_json)
            context.exit(DIFFERS if seen.changes or any(seen.executed.counts.values()) else 0)
        done = executing.execute(engine, batch_type, number)
    if as_json:
        write_json(asdict(done))
    else:
        click.echo(f"batch {number} is executed: {_counted(done)}")
        for note in done.notes:
            click.echo(f"  {note}", err=True)
    context.exit(REFUSED if _left_out(done) else 0)


def _show_preview(seen: "Preview", *, as_json: bool) -> None:
    from poser.cli.commands.history._shared import show_changes  # noqa: PLC0415 - slow

    if as_json:
        changes = [change.to_json() for change in seen.changes]
        write_json({**asdict(seen.executed), "changes": changes})
        return
    show_changes(seen.changes[:_SHOWN], with_record=True)
    if len(seen.changes) > _SHOWN:
        click.echo(f"and {len(seen.changes) - _SHOWN:,} more; --json has all of them")
    click.echo(f"would be: {_counted(seen.executed)}; nothing is kept")
    for note in seen.executed.notes:
        click.echo(f"  {note}", err=True)


def _counted(done: "Executed") -> str:
    words = [f"{count:,} {name}" for name, count in done.counts.items() if count]
    return ", ".join(words) or "nothing to do"


def _left_out(done: "Executed") -> int:
    return done.counts.get("stale", 0) + done.counts.get("refused", 0)
