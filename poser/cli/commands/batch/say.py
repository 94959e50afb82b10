# SPDX-License-Identifier: Apache-2.0
"""`poser batch say`: words about a batch."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.batch._shared import number, on_batch, who


@click.command()
@number
@click.argument("words", nargs=-1, required=True)
@who
@pass_node
def command(node: Node, number: int, words: tuple[str, ...], as_user: str, comment: str) -> None:
    """Write down what you have to say about a batch, for others to read."""
    from poser.batch.moving import say  # noqa: PLC0415 - slow

    with on_batch(node, "say", number, as_user, comment) as (session, _type, batch):
        say(session, batch, " ".join(words))
