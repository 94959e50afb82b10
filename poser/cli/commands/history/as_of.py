# SPDX-License-Identifier: Apache-2.0
"""`poser history as-of`: what a record was at a moment."""

from datetime import datetime

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.history._shared import MOMENT, find_record
from poser.cli.databases import as_json
from poser.cli.output import shown, write_columns, write_json


@click.command()
@click.argument("table")
@click.argument("record")
@click.argument("moment", type=MOMENT)
@as_json
@pass_node
def command(node: Node, table: str, record: str, moment: datetime, *, as_json: bool) -> None:
    """Show what RECORD of TABLE was at MOMENT, and who had made it so.

    A field marked ? may have been something else: it changed while history was off.

    \b
    Examples:
      poser history as-of products gtin=4006381333931 2026-11-01T09:00Z
      poser history as-of brands 01a202d7-9a14-708f-a539-5fe36a37fd82 2026-11-01
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.history import as_of  # noqa: PLC0415

    with transaction(node.engine("poser", command="history as-of"), read_only=True) as session:
        then = as_of(session, table, find_record(session, table, record), moment)
    if as_json:
        write_json(
            {
                "fields": then.fields,
                "unsure": sorted(then.unsure),
                "last": then.last and then.last.to_json(),
            }
        )
    elif then.fields is None:
        click.echo(f"it did not exist at {moment.isoformat()}")
    else:
        mark = {True: "?", False: ""}
        write_columns(
            [
                (name, shown(then.fields, name), mark[name in then.unsure])
                for name in sorted(then.fields)
            ]
        )
        if then.last:
            click.echo(f"since {then.last.at:%Y-%m-%d %H:%M:%S}Z by {then.last.made}")
