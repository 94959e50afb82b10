# SPDX-License-Identifier: Apache-2.0
"""`poser datasync drop`: give up a change that the database refused."""

from uuid import UUID

import click

from poser.cli.app import Node, pass_node


@click.command()
@click.argument("parked", type=click.UUID, metavar="ID")
@click.option("--why", required=True, help="Kept with what is dropped.")
@pass_node
def command(node: Node, parked: UUID, *, why: str) -> None:
    """Give up a change that waits; it is kept among the conflicts, with why.

    \b
    Examples:
      sudo poser datasync drop 0190f1a2-... --why "the brand is here under another id"
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.datasync.steering import drop  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415

    with transaction(node.engine("poser", command="datasync drop")) as session:
        what = drop(session, parked, why)
    click.echo(f"dropped: {what}")
