# SPDX-License-Identifier: Apache-2.0
"""`poser import runs`: the newest runs."""

from datetime import UTC
from typing import TYPE_CHECKING

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json
from poser.importing.result import RunStatus

if TYPE_CHECKING:
    from poser.model.importing import ImportRun

_WIDEST = 60
_SHORT = {"created": "+", "updated": "~", "deleted": "-"}


@click.command()
@click.argument("key", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@as_json
@pass_node
def command(node: Node, key: str | None, *, limit: int, as_json: bool) -> None:
    """List the newest runs, newest first; of all handlers, or of the one with KEY.

    +12 ~3 -1 is 12 rows created, 3 updated, 1 deleted; of a run that wrote nothing, what
    it found.

    \b
    Examples:
      poser import runs
      poser import runs csv --limit 5
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.importing import runs  # noqa: PLC0415

    engine = node.engine("poser", command="import runs")
    with transaction(engine, read_only=True) as session:
        found = runs.newest(session, key or "", limit)
        if as_json:
            write_json([plain(run) for run in found])
        elif found:
            head = ("run", "when", "handler", "how it ended", "changes", "aside", "who", "source")
            write_columns([head, *(_row(run) for run in found)])
        else:
            click.echo("there was no run yet")


def plain(run: "ImportRun") -> dict[str, object]:
    """Give the record of a run for programs."""
    return {
        "number": run.number,
        "id": run.id,
        "key": run.key,
        "status": run.status,
        "command": run.command,
        "source": run.source,
        "user_name": run.user_name,
        "comment": run.comment,
        "began_at": run.began_at,
        "ended_at": run.ended_at,
        "why": run.why,
        "hint": run.hint,
        "notes": run.notes,
        "models": run.counts,
        "can_resume": run.stage is not None,
        "batches": run.batch_ids,
        "schedule": run.asked.get("schedule", ""),
    }


def _row(run: "ImportRun") -> tuple[str, ...]:
    sums = {name: sum(one[name] for one in run.counts) for name in (*_SHORT, "refused")}
    changes = " ".join(f"{sign}{sums[name]:,}" for name, sign in _SHORT.items() if sums[name])
    can_resume = run.stage is not None and run.status != RunStatus.RUNNING
    status = run.status + (", can be resumed" if can_resume else "")
    return (
        str(run.number),
        f"{run.began_at.astimezone(UTC):%Y-%m-%d %H:%M}Z",
        run.key,
        status,
        changes or "-",
        f"{sums['refused']:,}" if sums["refused"] else "-",
        run.user_name or "-",
        run.source if len(run.source) <= _WIDEST else "…" + run.source[-_WIDEST + 1 :],
    )
