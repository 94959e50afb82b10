# SPDX-License-Identifier: Apache-2.0
"""`poser db heads`: the newest revisions that this release brings."""

import click

from poser.cli.databases import as_json, databases
from poser.cli.output import write_columns, write_json


@click.command()
@databases
@as_json
def command(databases: tuple[str, ...], *, as_json: bool) -> None:
    """Show the newest revisions of this release; needs no database."""
    from poser.db import migrations  # noqa: PLC0415 - slow

    found = {name: list(migrations.heads(name)) for name in databases}
    if as_json:
        write_json(found)
    else:
        write_columns([(name, ", ".join(revisions)) for name, revisions in found.items()])
