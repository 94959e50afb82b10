# SPDX-License-Identifier: Apache-2.0
"""`poser db heads`: the newest revisions that this release brings."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json, databases
from poser.cli.output import write_columns, write_json
from poser.errors import ConfigError


@click.command()
@databases
@as_json
@pass_node
def command(node: Node, databases: tuple[str, ...], *, as_json: bool) -> None:
    """Show the newest revisions of this release and its extensions; needs no database."""
    from poser.db import migrations  # noqa: PLC0415 - slow

    try:
        extensions = node.extensions
    except ConfigError as error:
        click.echo(f"without extensions: {error}", err=True)
        extensions = ()
    found = {name: list(migrations.heads(name, extensions)) for name in databases}
    if as_json:
        write_json(found)
    else:
        write_columns([(name, ", ".join(revisions)) for name, revisions in found.items()])
