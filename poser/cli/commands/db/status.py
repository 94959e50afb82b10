# SPDX-License-Identifier: Apache-2.0
"""`poser db status`: how far each database is."""

from dataclasses import asdict

import click

from poser.cli.app import DIFFERS, Node, pass_node
from poser.cli.databases import as_json, databases
from poser.cli.output import write_columns, write_json


@click.command()
@databases
@as_json
@pass_node
@click.pass_context
def command(
    context: click.Context, node: Node, databases: tuple[str, ...], *, as_json: bool
) -> None:
    """Show how far each database is; exits with 3 unless all are current.

    \b
    current  is what this release needs
    behind   revisions are missing: poser db upgrade
    empty    has no tables yet: poser db upgrade
    unknown  was written by a newer release
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import migrations  # noqa: PLC0415 - slow

    found = [migrations.status(name, node.url(name)) for name in databases]
    if as_json:
        write_json([asdict(one) for one in found])
    else:
        head = ("database", "state", "revision", "missing")
        rows = [
            (one.database, one.state, ", ".join(one.current) or "-", ", ".join(one.pending) or "-")
            for one in found
        ]
        write_columns([head, *rows])
    context.exit(0 if all(one.state is migrations.State.CURRENT for one in found) else DIFFERS)
