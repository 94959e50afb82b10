# SPDX-License-Identifier: Apache-2.0
"""`poser history check`: the history against the live rows."""

from dataclasses import asdict

import click

from poser.cli.app import DIFFERS, Node, pass_node
from poser.cli.commands.history._shared import progress
from poser.cli.databases import as_json
from poser.cli.output import write_json

_SHOWN = 50


@click.command()
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
@as_json
@pass_node
@click.pass_context
def command(context: click.Context, node: Node, tables: tuple[str, ...], *, as_json: bool) -> None:
    """Hold the versions of every record against its live row; exits with 3 if any differs.

    \b
    unknown  has no version: older than its history, or written while it was off
    gone     was deleted while history was off
    back     was deleted, and came back while it was off
    differs  changed while it was off; each field follows: history's value -> the row's

    `sudo poser history catch-up` writes down what is.

    \b
    Examples:
      poser history check
      poser history check products product_prices --json
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.history.catching_up import check  # noqa: PLC0415
    from poser.history.switching import recordings  # noqa: PLC0415

    found, total = [], 0
    with (
        progress() as watch,
        transaction(node.engine("poser", command="history check"), read_only=True) as session,
    ):
        names = tables or [one.table for one in recordings(session) if one.history is not None]
        for name in names:
            for difference in check(session, name, watch):
                total += 1
                if as_json or total <= _SHOWN:
                    found.append(difference)
    if as_json:
        write_json([asdict(one) for one in found])
    else:
        for one in found:
            click.echo(str(one))
        if total > _SHOWN:
            click.echo(f"and {total - _SHOWN} more; --json shows all")
        click.echo(f"{len(names)} tables: {total} records differ")
    context.exit(DIFFERS if total else 0)
