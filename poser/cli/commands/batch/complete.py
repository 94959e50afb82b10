# SPDX-License-Identifier: Apache-2.0
"""`poser batch complete`: it is as it should be."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.batch._shared import headline, number, on_batch, who


@click.command()
@number
@who
@pass_node
def command(node: Node, number: int, as_user: str, comment: str) -> None:
    """Freeze a batch: it is ready to be approved or executed, and its rows stay as they are.

    Refuses a batch without rows, and one that its type finds wrong.
    """
    from poser.batch.moving import complete  # noqa: PLC0415 - slow

    with on_batch(node, "complete", number, as_user, comment) as (session, batch_type, batch):
        complete(session, batch_type, batch)
    click.echo(headline(batch))
