# SPDX-License-Identifier: Apache-2.0
"""`poser datasync reseed`: compare this node with the host and make it the same."""

from typing import TYPE_CHECKING

import click

from poser.cli.app import Node, pass_node

if TYPE_CHECKING:
    from poser.datasync.comparing import Difference


@click.command()
@pass_node
def command(node: Node) -> None:
    """Compare this node with the host as a whole, and make it the same, deletions included.

    Datasync does this by itself for a new node, for one that was away for longer than the queue
    reaches back, and after a restore. What was written here goes up first. Cut off, run it again.

    \b
    Examples:
      sudo poser datasync reseed
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.datasync.client import Line, address  # noqa: PLC0415 - slow
    from poser.datasync.filling import fill, greet_host  # noqa: PLC0415
    from poser.extensions.models import load_models  # noqa: PLC0415

    def told(one: "Difference") -> None:
        click.echo(f"{one.table}: {one.rows} rows, {one.count} mended", err=True)

    load_models(node.extensions)
    engine = node.engine("poser", command="datasync reseed")
    with Line(address(node.config)) as line:
        host = greet_host(engine, line).host
        count = fill(engine, line, host, lambda: None, told)
    click.echo(f"this node is as {host} is; {count} rows were not")
