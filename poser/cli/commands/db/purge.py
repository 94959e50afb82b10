# SPDX-License-Identifier: Apache-2.0
"""`poser db purge`: let go of old history."""

from dataclasses import asdict
from datetime import date

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.months import MONTH
from poser.cli.output import write_json
from poser.clock import utc_now


@click.command()
@click.option(
    "--before",
    type=MONTH,
    help="Drop what lies before this month; otherwise history.keep_months says how much stays.",
)
@click.option("--dry-run", is_flag=True, help="Say what would go, and drop nothing.")
@as_json
@pass_node
def command(node: Node, *, before: date | None, dry_run: bool, as_json: bool) -> None:
    """Drop the history of records month by month, for good.

    Records stay as they are, and what they were at any moment since is still known. Whole
    months are dropped, so it takes moments, whatever they hold. Needs the owner of the
    database: sudo poser db purge.

    \b
    Examples:
      poser db purge --dry-run
      sudo poser db purge --before 2019-01
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db.owning import alone, connected  # noqa: PLC0415 - slow
    from poser.history.purging import (  # noqa: PLC0415
        KEEP_MONTHS,
        Purged,
        first_day_kept,
        purge,
        purgeable,
    )

    day = before or first_day_kept(utc_now().date(), KEEP_MONTHS(node.config))
    with connected("poser", node.url("poser")) as connection, alone(connection):
        if dry_run:
            done = Purged(months=tuple(purgeable(connection, day)), transactions=0)
        else:
            done = purge(connection, day)
            connection.commit()
    if as_json:
        write_json({"before": day, "dry_run": dry_run, **asdict(done)})
        return
    would = "would drop" if dry_run else "dropped"
    months = ", ".join(done.months) or "nothing"
    click.echo(f"history before {day:%Y-%m}: {would} {months}")
