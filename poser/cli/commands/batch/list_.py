# SPDX-License-Identifier: Apache-2.0
"""`poser batch list`: which batches there are."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.batch._shared import batch_as_json
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json

_WAITING = ("draft", "populating", "open", "complete", "approved", "executing", "failed")


@click.command()
@click.option("--type", "key", default="", metavar="KEY", help="Only of this type.")
@click.option("--all", "every", is_flag=True, help="Those whose work is over, too.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@as_json
@pass_node
def command(node: Node, key: str, limit: int, *, every: bool, as_json: bool) -> None:
    """List batches that wait for somebody, newest first.

    \b
    Examples:
      poser batch list
      poser batch list --type importer --all
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.batch.moving import newest  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415
    from poser.model.batches import BatchStatus  # noqa: PLC0415

    statuses = () if every else tuple(BatchStatus(one) for one in _WAITING)
    with transaction(node.engine("poser", command="batch list"), read_only=True) as session:
        batches = newest(session, key, statuses, limit)
    if as_json:
        write_json([batch_as_json(one) for one in batches])
        return
    if not batches:
        click.echo("no batch waits for anybody" if not every else "there is no batch")
        return
    write_columns(
        [
            ("batch", "type", "status", "rows", "made by", "made at", "what"),
            *(
                (
                    str(one.number),
                    one.key,
                    one.status,
                    f"{one.row_count:,}",
                    one.created_by_name or "-",
                    f"{one.created_at:%Y-%m-%d %H:%M}Z",
                    one.description,
                )
                for one in batches
            ),
        ]
    )
