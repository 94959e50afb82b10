# SPDX-License-Identifier: Apache-2.0
"""`poser history status`: which tables are recorded."""

from dataclasses import asdict

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json

_WORDS = {True: "on", False: "off", None: "never"}


@click.command()
@as_json
@pass_node
def command(node: Node, *, as_json: bool) -> None:
    """List the recorded tables, and whether history and change capture are on.

    never means by design: such as sessions, which come and go all day. Last comes how many
    captured changes wait to be taken; a node that sends nothing on can switch capture off.
    """
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.history.capture import waiting  # noqa: PLC0415
    from poser.history.switching import recordings  # noqa: PLC0415

    with transaction(node.engine("poser", command="history status"), read_only=True) as session:
        found = recordings(session)
        count = waiting(session)
    if as_json:
        write_json({"tables": [asdict(one) for one in found], "captured": count})
        return
    rows = [(one.table, _WORDS[one.history], _WORDS[one.capture]) for one in found]
    write_columns([("table", "history", "capture"), *rows])
    click.echo(f"{count} captured changes wait")
