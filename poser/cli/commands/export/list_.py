# SPDX-License-Identifier: Apache-2.0
"""`poser export list`: which export handlers there are."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.handlers import write_handlers


@click.command()
@as_json
@pass_node
def command(node: Node, *, as_json: bool) -> None:
    """List the export handlers of this node; each one's --help says what it takes.

    \b
    Examples:
      poser export list
      poser export csv --help
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.importing.found import EXPORT, found  # noqa: PLC0415

    write_handlers(found(node.extensions_if_any, EXPORT), as_json=as_json)
