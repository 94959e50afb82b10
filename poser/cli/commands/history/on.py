# SPDX-License-Identifier: Apache-2.0
"""`poser history on`: switch recording on."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.history._switching import switched, switches
from poser.cli.databases import as_json


@click.command()
@switches
@as_json
@pass_node
def command(
    node: Node, tables: tuple[str, ...], which: str, comment: str, *, as_json: bool
) -> None:
    """Switch the history of tables on, at once and without a restart.

    What changed while it was off is not known: `poser history catch-up` afterwards writes
    down what is. Needs the owner of the database: sudo poser history on.

    \b
    Examples:
      sudo poser history on brands
      sudo poser history on --capture --all
    """  # noqa: D301 - click reads \b as "keep these lines"
    switched(node, tables, which, comment, is_on=True, as_json=as_json)
