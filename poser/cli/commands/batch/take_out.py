# SPDX-License-Identifier: Apache-2.0
"""`poser batch take-out`: rows that are not to be executed."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.batch._shared import headline, number, on_batch, who


@click.command()
@number
@click.argument("rows", nargs=-1, required=True, type=int, metavar="ROW...")
@click.option("--back", is_flag=True, help="Put them back.")
@who
@pass_node
def command(
    node: Node, number: int, rows: tuple[int, ...], as_user: str, comment: str, *, back: bool
) -> None:
    """Take rows out of a batch by their numbers: they stay to be seen, and are not executed.

    \b
    Examples:
      poser batch take-out 12 7 9
      poser batch take-out 12 7 --back
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.batch.rows import held_row, take_out  # noqa: PLC0415 - slow

    with on_batch(node, "take-out", number, as_user, comment) as (session, _type, batch):
        for each in rows:
            take_out(session, batch, held_row(session, batch, each), out=not back)
    click.echo(headline(batch))
