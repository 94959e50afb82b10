# SPDX-License-Identifier: Apache-2.0
"""`poser db upkeep`: what the databases need every day."""

from datetime import date

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json, databases
from poser.cli.months import MONTH
from poser.cli.output import write_json


@click.command()
@databases
@click.option("--since", type=MONTH, help="Make partitions back to this month, for old data.")
@as_json
@pass_node
def command(node: Node, databases: tuple[str, ...], *, since: date | None, as_json: bool) -> None:
    """Make partitions for the days to come, and fold what was added up in parts.

    Rows that came before their partition was made are moved there. A timer runs this every
    day; twice does no harm. Before a load of old data, make room for it with --since.

    \b
    Examples:
      poser db upkeep
      poser db upkeep trainwreck --since 2024-01
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db.upkeep import Made, keep_up  # noqa: PLC0415 - slow
    from poser.extensions.models import metadata_of  # noqa: PLC0415

    if since and len(databases) != 1:
        raise click.UsageError("--since is for one database: name it")

    def tell(made: Made) -> None:
        moved = f", {made.moved} rows moved there" if made.moved else ""
        if not as_json:
            click.echo(f"{made.table}: made {made.period}{moved}")

    found = {}
    for name in databases:
        metadata = metadata_of(name, node.extensions)
        done = keep_up(name, node.url(name), metadata, since=since, tell=tell)
        found[name] = done.to_json()
        if as_json:
            continue
        for table, rows in done.waiting.items():
            click.echo(f"{table}: {rows} rows of days that have no partition")
        steps = "".join(f"; {what}: {count}" for what, count in done.steps.items())
        click.echo(f"{name}: {len(done.made)} periods made{steps}")
    if as_json:
        write_json(found)
