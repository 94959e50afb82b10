# SPDX-License-Identifier: Apache-2.0
"""`poser history catch-up`: write down what is, where the history does not know it."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.history._shared import progress
from poser.cli.databases import as_json
from poser.cli.output import write_json


@click.command("catch-up")
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
@as_json
@pass_node
def command(node: Node, tables: tuple[str, ...], *, as_json: bool) -> None:
    """Write a baseline of every record that `poser history check` names.

    For tables whose history was off, and for rows older than their history. Goes through
    tables in small transactions, so nobody waits; cut off, it continues when run again.
    Needs the owner of the database: sudo poser history catch-up.

    \b
    Examples:
      sudo poser history catch-up
      sudo poser history catch-up products
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.history.catching_up import catch_up  # noqa: PLC0415
    from poser.history.switching import recordings  # noqa: PLC0415

    engine = node.engine("poser", command="history catch-up")
    with transaction(engine, read_only=True) as session:
        names = tables or [one.table for one in recordings(session) if one.history is not None]
    done = {}
    with progress() as watch:
        for name in names:
            done[name] = catch_up(engine, name, watch)
    if as_json:
        write_json(done)
        return
    for name, count in done.items():
        if count:
            click.echo(f"{name}: {count} baselines")
    click.echo(f"{len(done)} tables: {sum(done.values())} records caught up")
