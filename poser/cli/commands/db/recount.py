# SPDX-License-Identifier: Apache-2.0
"""`poser db recount`: whether the sales that were added up are what POS transactions say."""

import click

from poser.cli.app import DIFFERS, Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_json

_SHOWN = 20


@click.command()
@click.option("--mend", is_flag=True, help="Write what differs anew; writers wait meanwhile.")
@as_json
@pass_node
@click.pass_context
def command(context: click.Context, node: Node, *, mend: bool, as_json: bool) -> None:
    """Count all sales anew and compare them with the sums by hour, department and tender.

    The sums are kept by the database with every change, so a difference means that somebody
    went around it. Exits with 3 if there is one that was not mended. Days whose month is in
    the archive are left out.

    \b
    Examples:
      poser db recount
      poser db recount --mend --json
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.trainwreck import recount  # noqa: PLC0415 - slow

    sales = node.engine("trainwreck", command="db recount")
    found = recount.mend(sales) if mend else recount.compare(sales)
    if as_json:
        write_json([one.to_json() for one in found])
    else:
        for one in found[:_SHOWN]:
            click.echo(str(one))
        more = f"; {len(found) - _SHOWN} are not shown" if len(found) > _SHOWN else ""
        mended = "; mended" if mend and found else ""
        click.echo(f"trainwreck: {len(found)} sums differ{more}{mended}")
    context.exit(DIFFERS if found and not mend else 0)
