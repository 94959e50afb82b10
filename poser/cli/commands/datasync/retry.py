# SPDX-License-Identifier: Apache-2.0
"""`poser datasync retry`: try again what the database refused."""

from uuid import UUID

import click

from poser.cli.app import Node, pass_node


@click.command()
@click.argument("ids", nargs=-1, type=click.UUID)
@click.option("--all", "every", is_flag=True, help="All that wait.")
@pass_node
def command(node: Node, ids: tuple[UUID, ...], *, every: bool) -> None:
    """Have changes tried again at once that wait; `poser datasync parked` names them.

    \b
    Examples:
      sudo poser datasync retry --all
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.datasync.steering import retry  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415

    if bool(ids) == every:
        raise click.UsageError("name what is to be tried again, or say --all")
    with transaction(node.engine("poser", command="datasync retry")) as session:
        count = retry(session, ids)
    click.echo(f"{count} are tried again within a second; poser datasync parked shows what is left")
