# SPDX-License-Identifier: Apache-2.0
"""`poser batch make`: a new batch of a type."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.batch._shared import at_work, headline, pairs, who


@click.command()
@click.argument("key", metavar="TYPE")
@click.argument("params", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--description", default="", help="What people read in lists.")
@who
@pass_node
def command(  # noqa: PLR0917 - click passes arguments by name
    node: Node, key: str, params: tuple[str, ...], description: str, as_user: str, comment: str
) -> None:
    """Make a batch of a type, and fill it from what its parameters say.

    `poser batch types` lists the types. Batches of imports are made by
    `poser import KEY --make-batch`.
    """
    from poser.batch.found import batch_type  # noqa: PLC0415 - slow
    from poser.batch.moving import make  # noqa: PLC0415
    from poser.batch.populating import populate  # noqa: PLC0415
    from poser.db import transaction  # noqa: PLC0415

    found = batch_type(key, node.extensions)
    with at_work(node, "make", as_user, comment) as engine:
        with transaction(engine) as session:
            batch = make(session, found, description=description, params=pairs(params))
        click.echo(headline(populate(engine, found, batch.number)))
