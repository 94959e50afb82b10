# SPDX-License-Identifier: Apache-2.0
"""`poser datasync touch`: have rows sent again."""

from uuid import UUID

import click

from poser.cli.app import Node, pass_node


@click.command()
@click.argument("table")
@click.argument("ids", nargs=-1, type=click.UUID)
@click.option("--all", "every", is_flag=True, help="All rows of the table.")
@pass_node
def command(node: Node, table: str, ids: tuple[UUID, ...], *, every: bool) -> None:
    """Have rows of TABLE sent again as they are, to every node that has them.

    \b
    Examples:
      sudo poser datasync touch products 0190f1a2-...
      sudo poser datasync touch brands --all
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.datasync.steering import touch_rows  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415
    from poser.extensions.models import load_models  # noqa: PLC0415

    if bool(ids) == every:
        raise click.UsageError("name the ids of rows, or say --all")
    load_models(node.extensions)
    with transaction(node.engine("poser", command="datasync touch")) as session:
        count = touch_rows(session, table, ids)
    click.echo(f"{count} rows of {table} are sent again")
