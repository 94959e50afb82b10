# SPDX-License-Identifier: Apache-2.0
"""`poser batch edit`: fields of a row, before it is executed."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.batch._shared import number, on_batch, pairs, show_row, who


@click.command()
@number
@click.argument("row", type=int)
@click.argument("values", nargs=-1, required=True, metavar="FIELD=VALUE...")
@who
@pass_node
def command(  # noqa: PLR0917 - click passes arguments by name
    node: Node, number: int, row: int, values: tuple[str, ...], as_user: str, comment: str
) -> None:
    """Change fields of one row; an empty value is none.

    \b
    Examples:
      poser batch edit 12 3 description="Milk, 1 gal" pack_size=
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.batch.rows import change, held_row  # noqa: PLC0415 - slow

    with on_batch(node, "edit", number, as_user, comment) as (session, batch_type, batch):
        found = held_row(session, batch, row)
        change(session, batch_type, batch, found, pairs(values))
    show_row(found)
