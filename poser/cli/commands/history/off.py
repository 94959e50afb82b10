# SPDX-License-Identifier: Apache-2.0
"""`poser history off`: switch recording off."""

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
    """Switch the history of tables off, at once and without a restart.

    What is kept stays readable. From now on nobody can tell who changed these tables: say
    why with --comment; the switch itself is kept. Needs the owner of the database: sudo
    poser history off.

    \b
    Examples:
      sudo poser history off brands --comment "load of the old system"
      sudo poser history off --capture --all
    """  # noqa: D301 - click reads \b as "keep these lines"
    switched(node, tables, which, comment, is_on=False, as_json=as_json)
