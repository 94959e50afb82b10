# SPDX-License-Identifier: Apache-2.0
"""`poser history show`: what one transaction did."""

from uuid import UUID

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.history._shared import show_changes
from poser.cli.databases import as_json
from poser.cli.output import write_json


@click.command()
@click.argument("transaction_id", type=click.UUID)
@as_json
@pass_node
def command(node: Node, transaction_id: UUID, *, as_json: bool) -> None:
    """Show every change of one transaction, in the order in which it made them.

    \b
    Example:
      poser history show 01a202d7-9a1f-7666-9b8c-5e666a8d6e3d
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.history.reading import changes_of_transaction  # noqa: PLC0415

    with transaction(node.engine("poser", command="history show"), read_only=True) as session:
        changes = changes_of_transaction(session, transaction_id)
    if as_json:
        write_json([change.to_json() for change in changes])
    else:
        show_changes(changes, with_record=True)
