# SPDX-License-Identifier: Apache-2.0
"""`poser db downgrade`: undoes revisions, after saying what is lost with them."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_json
from poser.databases import DATABASES
from poser.errors import PoserError


@click.command()
@click.argument("branch", metavar="DATABASE|EXTENSION", required=False)
@click.option("--to", "revision", required=True, help="Revision to go down to; base undoes all.")
@click.option("--all", "every", is_flag=True, help="All databases; only with --to base.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@pass_node
def command(
    node: Node, branch: str | None, revision: str, *, every: bool, yes: bool, as_json: bool
) -> None:
    """Undo revisions of a database, or of one extension; what they held is lost.

    What would be lost is found by undoing it and taking that back. Then it asks, unless
    --yes is given. Revisions of extensions that need what goes are undone, too.

    \b
    Examples:
      poser db downgrade poser --to poser_0004
      poser db downgrade coop --to base
      poser db downgrade --all --to base --yes
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import migrations  # noqa: PLC0415 - slow
    from poser.db.branches import OF_EXTENSIONS  # noqa: PLC0415
    from poser.db.losses import losses  # noqa: PLC0415

    names = DATABASES if every else (branch or "",)
    if every is bool(branch) or (every and revision != "base"):
        raise click.UsageError("name one database or extension, or say --all --to base")
    extensions = node.extensions
    where = {name: name if name in DATABASES else OF_EXTENSIONS for name in names}
    for name, database in where.items():
        going = losses(database, node.url(database), revision, branch=name, extensions=extensions)
        for line in going:
            click.echo(f"{database}: {line}", err=True)
    if not yes:
        _ask()
    undone = {
        name: migrations.downgrade(
            database, node.url(database), revision, branch=name, extensions=extensions
        )
        for name, database in where.items()
    }
    if as_json:
        write_json(undone)
        return
    for name, each in undone.items():
        click.echo(f"{name}: " + (f"undid {', '.join(each)}" if each else "nothing to do"))


def _ask() -> None:
    try:
        click.confirm("Undo these? What is lost can come back from a backup only", abort=True)
    except click.Abort:
        raise PoserError("nothing was undone", hint="--yes undoes it without asking") from None
