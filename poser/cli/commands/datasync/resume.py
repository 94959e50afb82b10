# SPDX-License-Identifier: Apache-2.0
"""`poser datasync resume`: let changes go to and from a peer again."""

import click

from poser.cli.app import Node, pass_node


@click.command()
@click.argument("peer", metavar="NAME")
@pass_node
def command(node: Node, peer: str) -> None:
    """Let changes go to and from a peer, or a watched system, again; it catches up by itself.

    \b
    Examples:
      sudo poser datasync resume store-2
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.datasync.steering import resume  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415

    with transaction(node.engine("poser", command="datasync resume")) as session:
        resume(session, peer)
    click.echo(f"{peer} goes on within a few seconds")
