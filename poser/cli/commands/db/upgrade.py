# SPDX-License-Identifier: Apache-2.0
"""`poser db upgrade`: runs the revisions that the databases lack."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json, databases
from poser.cli.output import write_json


@click.command()
@databases
@click.option(
    "--phase",
    type=click.Choice(["pre", "all"]),
    default="all",
    show_default=True,
    help="pre: only what must be there before the new release starts.",
)
@as_json
@pass_node
def command(node: Node, databases: tuple[str, ...], phase: str, *, as_json: bool) -> None:
    """Run the revisions that are missing, in all databases or in those named.

    Each revision is one transaction; an upgrade that was cut off continues where it was.
    Only one upgrade of a database runs at a time, and none waits longer than four
    seconds for a lock that others hold.
    """
    from poser.db import migrations  # noqa: PLC0415 - slow

    done: dict[str, list[str]] = {}
    for database in databases:
        done[database] = migrations.upgrade(database, node.url(database), migrations.Phase(phase))
        if not as_json:
            ran = ", ".join(done[database])
            click.echo(f"{database}: " + (f"ran {ran}" if ran else "nothing to do"))
    if as_json:
        write_json(done)
