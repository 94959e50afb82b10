# SPDX-License-Identifier: Apache-2.0
"""`poser history restore`: bring back what was."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.history._shared import MOMENT, find_record
from poser.cli.databases import as_json
from poser.cli.output import write_json

_MANY = 20


@click.command()
@click.argument("table", required=False)
@click.argument("record", required=False)
@click.option("--at", "at", type=MOMENT, help="Make the record what it was then.")
@click.option("--field", help="Only this field of it.")
@click.option("--transaction", "transaction_id", type=click.UUID, help="Undo all that it did.")
@click.option("--force", is_flag=True, help="Undo it even where others changed the same since.")
@click.option("--comment", default="", help="Why; kept with the change.")
@as_json
@pass_node
def command(  # noqa: PLR0917 - click passes arguments by name
    node: Node,
    table: str | None,
    record: str | None,
    at: datetime | None,
    field: str | None,
    transaction_id: UUID | None,
    *,
    force: bool,
    comment: str,
    as_json: bool,
) -> None:
    """Bring back a field, a record (also a deleted one), or undo a whole transaction.

    A restoration is a change like any other: kept in the history, and it can be undone in
    the same way. A transaction is undone whole or not at all: where something of it has
    been changed since, the command names it and changes nothing, unless --force says so.
    Secrets (passwords) are not kept: they stay as they are, or empty in what comes back.

    \b
    Examples:
      poser history restore products gtin=4006381333931 --at 2026-11-01T09:00Z --field size
      poser history restore products 01a2... --at 2026-11-01T09:00Z
      poser history restore --transaction 01a2... --comment "wrong price file"
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.cli.author import command_author  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415
    from poser.history import (  # noqa: PLC0415
        restore_field,
        restore_record,
        restore_transaction,
    )

    is_record = bool(table and record and at)
    if is_record == bool(transaction_id) or (transaction_id and (table or field)):
        raise click.UsageError("give TABLE RECORD --at MOMENT, or --transaction ID")
    if force and not transaction_id:
        raise click.UsageError("--force belongs to --transaction")
    engine = node.engine("poser", command="history restore")
    words = f"poser history restore {transaction_id or f'{table} {record}'}"
    with transaction(engine, author=command_author(words, comment)) as session:
        if transaction_id:
            done = restore_transaction(session, transaction_id, force=force)
        else:
            assert table  # noqa: S101 - said above
            assert record  # noqa: S101
            assert at  # noqa: S101
            row_id = find_record(session, table, record)
            one = (
                restore_field(session, table, row_id, field, at)
                if field
                else restore_record(session, table, row_id, at)
            )
            done = [one] if one else []
    if as_json:
        write_json([asdict(one) for one in done])
        return
    for one in done[:_MANY]:
        click.echo(f"{one.table} {one.row_id}: {one.kind} {', '.join(one.fields)}".rstrip())
    if len(done) > _MANY:
        click.echo(f"and {len(done) - _MANY} more")
    if not done:
        click.echo("it is that already; nothing changed")
