# SPDX-License-Identifier: Apache-2.0
"""`poser history deleted`: records that are gone."""

from datetime import datetime

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.history._shared import MOMENT, show_changes
from poser.cli.databases import as_json
from poser.cli.output import write_json


@click.command()
@click.argument("table")
@click.option("--since", type=MOMENT, help="Only what was deleted from then on.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@as_json
@pass_node
def command(node: Node, table: str, *, since: datetime | None, limit: int, as_json: bool) -> None:
    """List the deleted records of TABLE, newest first, with all that they held.

    \b
    Examples:
      poser history deleted products --since 2026-11-01
      poser history restore products ID --at 2026-11-01T09:00Z
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.history import deleted  # noqa: PLC0415

    with transaction(node.engine("poser", command="history deleted"), read_only=True) as session:
        changes = deleted(session, table, since=since, limit=limit)
    if as_json:
        write_json([change.to_json() for change in changes])
        return
    show_changes(changes, with_record=True)
    if not changes:
        click.echo(f"nothing of {table} is deleted, as far as the history knows")
