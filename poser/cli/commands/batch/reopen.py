# SPDX-License-Identifier: Apache-2.0
"""`poser batch reopen`: somebody has to work on it again."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.batch._shared import headline, number, on_batch, who


@click.command()
@number
@who
@pass_node
def command(node: Node, number: int, as_user: str, comment: str) -> None:
    """Let people work on a frozen batch again; an approval is void then."""
    from poser.batch.moving import reopen  # noqa: PLC0415 - slow

    with on_batch(node, "reopen", number, as_user, comment) as (session, _type, batch):
        reopen(session, batch)
    click.echo(headline(batch))
