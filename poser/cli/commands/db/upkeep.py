# SPDX-License-Identifier: Apache-2.0
"""`poser db upkeep`: what the databases need every day."""

from datetime import date
from typing import TYPE_CHECKING

import click

from poser.cli.app import FAILED, PARTLY, Node, complain, pass_node
from poser.cli.databases import as_json, databases
from poser.cli.months import MONTH
from poser.cli.output import write_json
from poser.errors import PoserError

if TYPE_CHECKING:
    from poser.db.upkeep import Upkeep


@click.command()
@databases
@click.option("--since", type=MONTH, help="Make partitions back to this month, for old data.")
@as_json
@pass_node
@click.pass_context
def command(
    context: click.Context,
    node: Node,
    databases: tuple[str, ...],
    *,
    since: date | None,
    as_json: bool,
) -> None:
    """Make partitions for the days to come, fold what was added up in parts, let go of what is old.

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

    found: dict[str, object] = {}
    failed: list[PoserError] = []
    for name in databases:
        try:
            done = keep_up(
                name,
                node.url(name),
                metadata_of(name, node.extensions),
                config=node.config,
                since=since,
                tell=tell,
            )
            if name == "poser":
                done.steps["batches that are over"] = _purge_batches(node)
        except PoserError as error:  # the others need theirs all the same
            complain(error)
            failed.append(error)
            found[name] = {"error": error.message}
            continue
        found[name] = done.to_json()
        if not as_json:
            _say(done)
    if as_json:
        write_json(found)
    if failed:
        context.exit(FAILED if len(failed) == len(databases) else PARTLY)


def _purge_batches(node: Node) -> int:
    """Let go of executed batches; each type says for itself how long it keeps them."""
    from poser.batch.found import batch_types  # noqa: PLC0415 - slow
    from poser.batch.purging import purge  # noqa: PLC0415
    from poser.db import transaction  # noqa: PLC0415

    with transaction(node.engine("poser", command="db upkeep")) as session:
        return sum(purge(session, batch_types(node.extensions).values()).values())


def _say(done: "Upkeep") -> None:
    """Tell people what is left to wait, and what was done."""
    for table, rows in done.waiting.items():
        click.echo(f"{table}: {rows} rows of days that have no partition")
    steps = "".join(f"; {what}: {count}" for what, count in done.steps.items())
    click.echo(f"{done.database}: {len(done.made)} periods made{steps}")
