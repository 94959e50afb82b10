# SPDX-License-Identifier: Apache-2.0
"""`poser history log`: the newest transactions, or all changes of one record."""

from dataclasses import asdict

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.history._shared import find_record, show_changes
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json


@click.command()
@click.argument("table", required=False)
@click.argument("record", required=False)
@click.option("--field", help="Only changes of this field: who changed it last is the last line.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@as_json
@pass_node
def command(
    node: Node,
    table: str | None,
    record: str | None,
    *,
    field: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Show the newest transactions, those of TABLE, or all that became of RECORD.

    A record's changes come oldest first, with every field's old and new value; transactions
    come newest first, at most --limit. `poser history show ID` shows what one of them did.

    \b
    Examples:
      poser history log
      poser history log products --limit 5
      poser history log products gtin=4006381333931 --field description
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.history.reading import changes_of, newest_transactions  # noqa: PLC0415

    if field and not record:
        raise click.UsageError("--field belongs to one record: name it behind the table")
    with transaction(node.engine("poser", command="history log"), read_only=True) as session:
        if table and record:
            changes = changes_of(session, table, find_record(session, table, record))
            changes = [c for c in changes if not field or field in c.fields]
            if as_json:
                write_json([change.to_json() for change in changes])
            else:
                show_changes(changes)
                if not changes:
                    click.echo("the history knows no change of it")
            return
        found = newest_transactions(session, table, limit)
    if as_json:
        write_json([asdict(made) for made in found])
        return
    rows = [(f"{made.at:%Y-%m-%d %H:%M:%S}Z", str(made.id), str(made)) for made in found]
    write_columns([("when", "transaction", "who"), *rows])
