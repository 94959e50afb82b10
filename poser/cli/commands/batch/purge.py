# SPDX-License-Identifier: Apache-2.0
"""`poser batch purge`: batches whose work has long been over."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.batch._shared import at_work
from poser.cli.output import write_columns


@click.command()
@click.option("--type", "key", default="", metavar="KEY", help="Only of this type.")
@click.option("--days", type=click.IntRange(min=0), help="Instead of what each type says.")
@click.option("--dry-run", is_flag=True, help="Only say how many there are.")
@pass_node
def command(node: Node, key: str, days: int | None, *, dry_run: bool) -> None:
    """Delete executed batches that are older than their type keeps them.

    What they changed stays, and so does its history; they cannot be undone any more.
    """
    from poser.batch.found import batch_type, batch_types  # noqa: PLC0415 - slow
    from poser.batch.purging import purge  # noqa: PLC0415
    from poser.db import transaction  # noqa: PLC0415

    extensions = node.extensions
    types = [batch_type(key, extensions)] if key else list(batch_types(extensions).values())
    with at_work(node, "purge") as engine, transaction(engine) as session:
        gone = purge(session, types, days=days, dry_run=dry_run)
    verb = "would go" if dry_run else "deleted"
    write_columns([(one, f"{count:,} {verb}") for one, count in gone.items()])
