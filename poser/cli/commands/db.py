# SPDX-License-Identifier: Apache-2.0
"""`poser db`: the schemas of this node's databases."""

from dataclasses import asdict

import click

from poser.cli.app import DIFFERS, Node, pass_node
from poser.cli.output import write_columns, write_json
from poser.databases import DATABASES

_DATABASE = click.Choice(DATABASES)
_json = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


@click.group()
def command() -> None:
    """Bring the databases' schemas up to date, or see how far they are.

    \b
    Examples:
      poser db status
      poser db upgrade
      poser db upgrade trainwreck --phase pre
    """  # noqa: D301 - click reads \b as "keep these lines"


@command.command()
@click.argument("databases", nargs=-1, type=_DATABASE)
@click.option(
    "--phase",
    type=click.Choice(["pre", "all"]),
    default="all",
    show_default=True,
    help="pre: only what must be there before the new release starts.",
)
@_json
@pass_node
def upgrade(node: Node, databases: tuple[str, ...], phase: str, *, as_json: bool) -> None:
    """Run the migrations that are missing, in all databases or in those named.

    Each migration is one transaction; an upgrade that was cut off continues where it was.
    Only one upgrade of a database runs at a time, and none waits longer than four
    seconds for a lock that others hold.
    """
    from poser.db import migrations  # noqa: PLC0415 - slow

    done: dict[str, list[str]] = {}
    for database in databases or DATABASES:
        done[database] = migrations.upgrade(database, node.url(database), migrations.Phase(phase))
        if not as_json:
            ran = ", ".join(done[database])
            click.echo(f"{database}: " + (f"ran {ran}" if ran else "nothing to do"))
    if as_json:
        write_json(done)


@command.command()
@click.argument("databases", nargs=-1, type=_DATABASE)
@_json
@pass_node
@click.pass_context
def status(
    context: click.Context, node: Node, databases: tuple[str, ...], *, as_json: bool
) -> None:
    """Show how far each database is; exits with 3 unless all are current.

    \b
    current  is what this release needs
    behind   migrations are missing: poser db upgrade
    empty    has no tables yet: poser db upgrade
    unknown  was written by a newer release
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import migrations  # noqa: PLC0415 - slow

    found = [migrations.status(name, node.url(name)) for name in databases or DATABASES]
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


@command.command()
@_json
def heads(*, as_json: bool) -> None:
    """Show the newest revisions of this release; needs no database."""
    from poser.db import migrations  # noqa: PLC0415 - slow

    found = {name: list(migrations.heads(name)) for name in DATABASES}
    if as_json:
        write_json(found)
    else:
        write_columns([(name, ", ".join(revisions)) for name, revisions in found.items()])
