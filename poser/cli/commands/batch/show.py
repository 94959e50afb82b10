# SPDX-License-Identifier: Apache-2.0
"""`poser batch show`: one batch, how it came there, and its rows."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.batch._shared import (
    batch_as_json,
    headline,
    number,
    row_as_json,
    show_row,
)
from poser.cli.databases import as_json
from poser.cli.output import write_json

if TYPE_CHECKING:
    from poser.model.batches import Batch, BatchEvent, BatchRow


@click.command()
@number
@click.option("--status", multiple=True, help="Only rows with this status; may be given again.")
@click.option("--outcome", multiple=True, help="Only rows that were done, stale or refused.")
@click.option("--removed", is_flag=True, help="The rows that somebody took out.")
@click.option("--after", type=int, default=0, metavar="ROW", help="Only rows behind this one.")
@click.option("--rows", type=click.IntRange(min=0), default=20, show_default=True, help="At most.")
@as_json
@pass_node
def command(  # noqa: PLR0917 - click passes arguments by name
    node: Node,
    number: int,
    status: tuple[str, ...],
    outcome: tuple[str, ...],
    after: int,
    rows: int,
    *,
    removed: bool,
    as_json: bool,
) -> None:
    """Show a batch: who did what to it, its rows by status, and the first of them.

    \b
    Examples:
      poser batch show 12
      poser batch show 12 --status delete --rows 100
      poser batch show 12 --outcome stale
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.batch.moving import by_number, events  # noqa: PLC0415 - slow
    from poser.batch.rows import breakdown, page  # noqa: PLC0415
    from poser.db import transaction  # noqa: PLC0415

    with transaction(node.engine("poser", command="batch show"), read_only=True) as session:
        batch = by_number(session, number)
        happened = events(session, batch)
        counts = breakdown(session, batch)
        found = page(
            session,
            batch,
            statuses=status,
            outcomes=outcome,
            removed=removed,
            after=after,
            limit=rows,
        )
    if as_json:
        write_json({**batch_as_json(batch), "rows": [row_as_json(row) for row in found]})
        return
    _show_head(batch, happened, counts)
    _show_rows(found, rows)


def _show_head(
    batch: "Batch", happened: "Sequence[BatchEvent]", counts: Mapping[tuple[str, str], int]
) -> None:
    click.echo(headline(batch))
    if batch.status_text:
        click.echo(f"  {batch.status_text}")
    for event in happened:
        words = f" “{event.comment}”" if event.comment else ""
        what = event.status or "said"
        click.echo(f"  {event.at:%Y-%m-%d %H:%M:%S}Z  {what}  {event.user_name or '-'}{words}")
    for (model, status), count in counts.items():
        click.echo(f"  {count:,} {' '.join(part for part in (status, model) if part)}")


def _show_rows(rows: "Sequence[BatchRow]", limit: int) -> None:
    for row in rows:
        show_row(row)
    if rows and len(rows) == limit:
        click.echo(f"the rows behind these: --after {rows[-1].number}")
