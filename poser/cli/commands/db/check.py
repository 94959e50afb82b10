# SPDX-License-Identifier: Apache-2.0
"""`poser db check`: whether the live schemas are what the models say."""

import click

from poser.cli.app import DIFFERS, Node, pass_node
from poser.cli.databases import as_json, databases
from poser.cli.output import write_json


@click.command()
@databases
@as_json
@pass_node
@click.pass_context
def command(
    context: click.Context, node: Node, databases: tuple[str, ...], *, as_json: bool
) -> None:
    """Compare the live schemas with the models; exits with 3 and a list if they differ.

    Also: are the revisions those of this release, has every table, column and function a
    comment, every foreign key an index, every table the right owner? Changes nothing.

    \b
    Examples:
      poser db check
      poser db check trainwreck --json
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.extensions.checking import checked  # noqa: PLC0415 - slow
    from poser.extensions.schema import check_schema  # noqa: PLC0415

    extensions = checked(node.config, node.own_commands)
    found = {name: check_schema(name, node.url(name), extensions) for name in databases}
    if as_json:
        write_json({name: [str(one) for one in each] for name, each in found.items()})
    else:
        for name, each in found.items():
            for one in each:
                click.echo(f"{name}: {one}")
            if not each:
                click.echo(f"{name}: as the models say")
    context.exit(DIFFERS if any(found.values()) else 0)
