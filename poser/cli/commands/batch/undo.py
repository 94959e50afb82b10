# SPDX-License-Identifier: Apache-2.0
"""`poser batch undo`: take back what a batch did."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.batch._shared import at_work, number, type_by_number, who


@click.command()
@number
@who
@pass_node
def command(node: Node, number: int, as_user: str, comment: str) -> None:
    """Take back what an executed batch changed, whole or not at all.

    Where somebody has changed the same since, it names the records and changes nothing.
    """
    from poser.batch.executing import undo  # noqa: PLC0415 - slow

    with at_work(node, "undo", as_user, comment) as engine:
        count = undo(engine, type_by_number(node, engine, number), number)
    click.echo(f"batch {number} is undone: {count:,} records are what they were")
