# SPDX-License-Identifier: Apache-2.0
"""`poser db status`: how far each database is."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from poser.cli.app import DIFFERS, Node, pass_node
from poser.cli.databases import as_json, databases
from poser.cli.output import write_columns, write_json

if TYPE_CHECKING:
    from poser.db.migrations import Status


@click.command()
@databases
@as_json
@pass_node
@click.pass_context
def command(
    context: click.Context, node: Node, databases: tuple[str, ...], *, as_json: bool
) -> None:
    """Show how far each database is; exits with 3 unless all are current.

    The tables of an extension have a line of their own, such as poser/coop.

    \b
    current  is what this release needs
    behind   revisions are missing: poser db upgrade
    empty    has no tables yet: poser db upgrade
    unknown  was written by a newer release
    left     tables of an extension that the settings do not name; they stay as they are
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import migrations  # noqa: PLC0415 - slow

    found = [migrations.status(name, node.url(name), node.extensions) for name in databases]
    if as_json:
        write_json([asdict(one) for one in found])
    else:
        head = ("database", "state", "revision", "missing")
        write_columns([head, *(row for one in found for row in _rows(one))])
    context.exit(0 if all(one.state is migrations.State.CURRENT for one in found) else DIFFERS)


def _rows(found: "Status") -> Iterator[tuple[str, ...]]:
    for one in found.branches:
        own = one.name == found.database
        name = found.database if own else f"{found.database}/{one.name}"
        yield name, one.state, one.current or "-", ", ".join(one.pending) or "-"
