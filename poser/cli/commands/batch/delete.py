# SPDX-License-Identifier: Apache-2.0
"""`poser batch delete`: a batch that nobody needs."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.batch._shared import number, on_batch


@click.command()
@number
@pass_node
def command(node: Node, number: int) -> None:
    """Delete a batch with its rows; what it changed, if it was executed, stays."""
    from poser.batch.purging import delete  # noqa: PLC0415 - slow

    with on_batch(node, "delete", number) as (session, _type, batch):
        delete(session, batch)
    click.echo(f"batch {number} is deleted")
