# SPDX-License-Identifier: Apache-2.0
"""`poser config unset`: take a value out of the database."""

from dataclasses import asdict

import click

from poser.cli.app import Node, pass_node
from poser.cli.author import command_author
from poser.cli.databases import as_json
from poser.cli.output import write_json


@click.command()
@click.argument("key")
@click.option("--user-role", default="", help="Only what holds for users with this user role.")
@click.option("--comment", default="", help="Why; kept with the change.")
@as_json
@pass_node
def command(node: Node, key: str, user_role: str, comment: str, *, as_json: bool) -> None:
    """Take what the database says about KEY out; what is next in order holds then.

    This works for a KEY that is no setting any more, too.

    \b
    Examples:
      poser config unset web.workers
      poser config unset web.new_grid --user-role Buyers
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.settings import unset_row  # noqa: PLC0415

    author = command_author(f"poser config unset {key}", comment)
    with transaction(node.engine("poser", command="config unset"), author=author) as session:
        change = unset_row(session, node.config, key, user_role=user_role)
    if as_json:
        write_json(asdict(change))
    elif change.is_changed:
        click.echo(f"{key} is not set any more; was {change.old}")
    else:
        click.echo(f"{key} was not set in the database; nothing changed")
