# SPDX-License-Identifier: Apache-2.0
"""`poser db revision`: drafts a revision from what the models say; for developers."""

import click

from poser.cli.app import Node, pass_node
from poser.databases import DATABASES
from poser.errors import PoserError


@click.command()
@click.argument("name")
@click.option(
    "--database",
    "branch",
    default="poser",
    show_default=True,
    metavar="DATABASE|EXTENSION",
    help="Which branch it continues.",
)
@pass_node
def command(node: Node, name: str, branch: str) -> None:
    """Draft the next revision from the difference between the models and a database.

    NAME says what it does, as in "What the co-op keeps of members". The database is a
    developer's own, at the newest revision; it is not changed. Read the draft: it cannot
    know that a column was renamed, nor what a new one holds for rows that are there.

    \b
    Examples:
      poser db revision "Loyalty cards"
      poser db revision "Loyalty cards" --database coop
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db.branches import OF_EXTENSIONS  # noqa: PLC0415 - slow
    from poser.extensions.drafts import write_draft  # noqa: PLC0415

    names = [*DATABASES, *(one.name for one in node.extensions)]
    if branch not in names:
        raise PoserError(
            f"there is no database or extension {branch!r}", hint=f"one of {', '.join(names)}"
        )
    database = branch if branch in DATABASES else OF_EXTENSIONS
    path = write_draft(branch, node.url(database), name, node.extensions)
    click.echo(f"drafted {path}" if path else f"{branch}: nothing differs; no draft was written")
