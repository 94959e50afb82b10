# SPDX-License-Identifier: Apache-2.0
"""`poser db upgrade`: runs the revisions that the databases lack."""

import time
from typing import TYPE_CHECKING, Self

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json, databases
from poser.cli.output import write_json

if TYPE_CHECKING:
    from poser.db.branches import Revision


@click.command()
@databases
@click.option(
    "--phase",
    type=click.Choice(["pre", "all"]),
    default="all",
    show_default=True,
    help="pre: only what must be there before the new release starts.",
)
@click.option("--sql", is_flag=True, help="Only write the SQL that would run, as psql takes it.")
@as_json
@pass_node
def command(
    node: Node, databases: tuple[str, ...], phase: str, *, sql: bool, as_json: bool
) -> None:
    """Run the revisions that are missing, in all databases or in those named.

    Each revision is one transaction; an upgrade that was cut off continues where it was.
    Only one upgrade of a database runs at a time, and none waits longer than four
    seconds for a lock that others hold.

    \b
    Examples:
      poser db upgrade
      poser db upgrade trainwreck --phase pre
      poser db upgrade --sql
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import migrations  # noqa: PLC0415 - slow
    from poser.db.showing import sql_of_upgrade  # noqa: PLC0415
    from poser.extensions.checking import checked  # noqa: PLC0415

    extensions = checked(node.config, node.own_commands)
    wanted = migrations.Phase(phase)
    done: dict[str, list[str]] = {}
    for database in databases:
        url = node.url(database)
        if sql:
            text = sql_of_upgrade(database, url, wanted, extensions=extensions)
            click.echo(f"-- {database}\n\\connect {database}\n{text}" if text else f"-- {database}")
            continue
        with _Told(database) as told:
            done[database] = migrations.upgrade(
                database, url, wanted, extensions=extensions, report=told.begins
            )
        if not as_json:
            ran = ", ".join(done[database])
            click.echo(f"{database}: " + (f"ran {ran}" if ran else "nothing to do"))
    if as_json and not sql:
        write_json(done)


class _Told:
    """One line on standard error for each revision, with its seconds once it is through."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._began: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """End the line: with the seconds, or unsaid when the revision failed."""
        if kind is None:
            self._ends()
        elif self._began is not None:
            click.echo(" (undone)", err=True)

    def begins(self, revision: "Revision", number: int, count: int) -> None:
        """Tell that a revision begins, and so that the one before it ended."""
        self._ends()
        what = f"{self._database} {number}/{count}: {revision.id}, {revision.what}"
        click.echo(what, err=True, nl=False)
        self._began = time.monotonic()

    def _ends(self) -> None:
        if self._began is not None:
            click.echo(f" ({time.monotonic() - self._began:.1f} s)", err=True)
        self._began = None
