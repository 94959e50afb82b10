# SPDX-License-Identifier: Apache-2.0
"""`poser batch approve`: somebody else looked at it, too."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.batch._shared import headline, number, on_batch, who


@click.command()
@number
@who
@pass_node
def command(node: Node, number: int, as_user: str, comment: str) -> None:
    """Say that a complete batch may be executed; not by who made it, in most types."""
    from poser.batch.moving import approve  # noqa: PLC0415 - slow

    with on_batch(node, "approve", number, as_user, comment) as (session, batch_type, batch):
        approve(session, batch_type, batch)
    click.echo(headline(batch))
