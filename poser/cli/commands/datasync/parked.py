# SPDX-License-Identifier: Apache-2.0
"""`poser datasync parked`: changes that the database refused."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json


@click.command()
@as_json
@pass_node
def command(node: Node, *, as_json: bool) -> None:
    """List the changes from peers that wait because the database refused them, and why.

    They are tried again by themselves, the longer the more seldom; after eight tries a person has
    to act: mend what is in the way and `retry`, or `drop`. Later changes of the same row wait
    behind them, all others go on.

    \b
    Examples:
      poser datasync parked
      sudo poser datasync retry --all
      sudo poser datasync drop 0190f1a2-... --why "the brand is here under another id"
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.datasync.steering import parked  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415

    engine = node.engine("poser", command="datasync parked")
    with transaction(engine, read_only=True) as session:
        found = parked(session)
    if as_json:
        names = ("id", "peer", "table_name", "key", "tries", "next_try_at", "parked_at", "error")
        write_json([{name: getattr(one, name) for name in names} for one in found])
    elif not found:
        click.echo("nothing waits")
    else:
        rows = [
            (
                str(one.id),
                one.peer,
                f"{one.table_name} {one.key}",
                str(one.tries),
                one.next_try_at.strftime("%H:%M:%S") if one.next_try_at else "asks for you",
                one.error,
            )
            for one in found
        ]
        write_columns([("id", "from", "row", "tries", "next (UTC)", "why"), *rows])
