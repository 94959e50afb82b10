# SPDX-License-Identifier: Apache-2.0
"""`poser datasync trace`: the way of one row."""

from uuid import UUID

import click

from poser.cli.app import Node, pass_node


@click.command()
@click.argument("table")
@click.argument("row", type=click.UUID, metavar="ID")
@pass_node
def command(node: Node, table: str, row: UUID) -> None:
    """Show what this node knows of the way of a row: when it was queued, who has read it.

    Run it on the host to see how far each node is, and on the node where the row is missing to
    see whether it was refused there.

    \b
    Examples:
      poser datasync trace products 0190f1a2-...
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.datasync.statuses import way  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415

    engine = node.engine("poser", command="datasync trace")
    with transaction(engine, read_only=True) as session:
        found = way(session, table, row)
    if not found:
        click.echo(f"the queue has nothing of {table} {row}: it did not change lately, or not here")
    for one in found:
        click.echo(f"{one.at:%Y-%m-%d %H:%M:%S.%f}  {one.what}")
