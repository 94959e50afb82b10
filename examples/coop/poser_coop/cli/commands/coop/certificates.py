# SPDX-License-Identifier: Apache-2.0
"""`poser coop certificates`: organic certificates that end soon."""

from dataclasses import asdict
from datetime import UTC, datetime

import click

from poser.cli.app import Node, pass_node
from poser.cli.output import write_columns, write_json
from poser_coop.settings import WARNING_DAYS


@click.command()
@click.option(
    "--days",
    type=click.IntRange(min=0, max=3_650),
    help="How many days ahead to look; else coop.certificate_warning_days.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@pass_node
def command(node: Node, days: int | None, *, as_json: bool) -> None:
    """List the organic certificates that end soon, and those that have ended.

    A product that has a later certificate is left out.
    """
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser_coop.certificates import ending  # noqa: PLC0415

    ahead = WARNING_DAYS(node.config) if days is None else days
    today = datetime.now(tz=UTC).date()
    with transaction(node.engine("poser", command="coop certificates"), read_only=True) as session:
        found = ending(session, today, ahead)
    if as_json:
        write_json([asdict(one) for one in found])
    elif found:
        head = ("product", "number", "certifier", "last day", "days left")
        rows = [
            (one.product, one.number, one.certifier, str(one.last_day), str(one.days_left))
            for one in found
        ]
        write_columns([head, *rows])
    else:
        click.echo(f"no certificate ends within {ahead} days")
