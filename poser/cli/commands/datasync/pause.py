# SPDX-License-Identifier: Apache-2.0
"""`poser datasync pause`: let nothing go to or from a peer for a while."""

import click

from poser.cli.app import Node, pass_node


@click.command()
@click.argument("peer", metavar="NAME")
@click.option("--why", required=True, help="What others read who wonder.")
@pass_node
def command(node: Node, peer: str, *, why: str) -> None:
    """Let nothing go to or from a peer, or a watched system, until it is resumed; nothing is lost.

    \b
    Examples:
      sudo poser datasync pause store-2 --why "stocktaking until noon"
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.datasync.steering import pause  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415

    with transaction(node.engine("poser", command="datasync pause")) as session:
        pause(session, peer, why)
    click.echo(f"{peer} is paused; sudo poser datasync resume {peer} goes on")
