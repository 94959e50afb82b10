# SPDX-License-Identifier: Apache-2.0
"""`poser batch types`: what kinds of work there are batches for."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.output import write_columns


@click.command()
@pass_node
def command(node: Node) -> None:
    """List the types of batch that this node and its extensions have."""
    from poser.batch.found import batch_types  # noqa: PLC0415 - slow

    write_columns([(key, one.title) for key, one in batch_types(node.extensions).items()])
