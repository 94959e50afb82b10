# SPDX-License-Identifier: Apache-2.0
"""`poser import rejected`: what was kept aside of POS logs."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.output import write_columns, write_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON, with each entry as XML.")
@click.option("--forget", is_flag=True, help="Delete what is shown; it cannot be brought back.")
@pass_node
def command(node: Node, *, as_json: bool, forget: bool) -> None:
    """List what was refused of POS logs and is kept aside.

    An entry leaves this list when a log brings it in a form that can be imported.

    \b
    Examples:
      poser import rejected
      poser import rejected --json | jq -r '.[0].raw'
    """  # noqa: D301 - click reads \b as "keep these lines"
    from sqlalchemy import select  # noqa: PLC0415 - slow

    from poser.db import transaction  # noqa: PLC0415
    from poser.trainwreck.model import PosReject  # noqa: PLC0415

    names = ("created_at", "source", "line", "entry", "field", "value", "reason")
    with transaction(node.engine("trainwreck", command="import rejected")) as session:
        found = session.scalars(
            select(PosReject).order_by(PosReject.created_at, PosReject.id)
        ).all()
        if forget:
            for reject in found:
                session.delete(reject)
    if as_json:
        write_json([{name: getattr(r, name) for name in (*names, "raw")} for r in found])
    elif found:
        rows = [tuple(str(getattr(r, name))[:60] for name in names[1:]) for r in found]
        write_columns([names[1:], *rows])
    else:
        click.echo("nothing is kept aside")
