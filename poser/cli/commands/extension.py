# SPDX-License-Identifier: Apache-2.0
"""`poser extension`: the packages that extend Poser on this node."""

from dataclasses import asdict

import click

from poser.cli.app import Node, pass_node
from poser.cli.output import write_columns, write_json


@click.group()
def command() -> None:
    """See what extends Poser on this node, and whether it fits.

    \b
    Examples:
      poser extension list
      poser extension check
    """  # noqa: D301 - click reads \b as "keep these lines"


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@pass_node
def list_(node: Node, *, as_json: bool) -> None:
    """List the extensions of this node, with all that they add."""
    from poser.extensions.checking import checked, contents  # noqa: PLC0415 - slow

    found = contents(checked(node.config, node.own_commands))
    if as_json:
        write_json([asdict(one) for one in found])
    elif not found:
        click.echo("nothing extends Poser here")
    for one in found if not as_json else ():
        click.echo(f"{one.package} {one.version}")
        rows = [
            (f"  {name}", ", ".join(added) or "-")
            for name, added in (
                ("schema", (one.head,) if one.head else ()),
                ("tables", one.tables),
                ("commands", one.commands),
                ("permissions", one.permissions),
                ("settings", one.settings),
            )
        ]
        write_columns(rows)


@command.command()
@pass_node
def check(node: Node) -> None:
    """Say what is wrong with the extensions of this node; exits with 1 if anything is.

    Looked at without a database: is each installed, can it be imported, does it fit this
    release, and does nothing have the name of another's?
    """
    from poser.extensions.checking import checked  # noqa: PLC0415 - slow

    found = checked(node.config, node.own_commands)
    names = ", ".join(str(one) for one in found)
    click.echo(f"{names}: all right" if found else "nothing extends Poser here")
