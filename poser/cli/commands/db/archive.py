# SPDX-License-Identifier: Apache-2.0
"""`poser db archive`: old months out of the way, and back."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.months import MONTH
from poser.cli.output import write_columns, write_json
from poser.databases import DATABASES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poser.db.archiving import Moved

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("database", type=click.Choice(DATABASES))
@click.option("--before", type=MONTH, help="Archive what lies before this month.")
@click.option("--to", "to", type=_FOLDER, help="And write it to files below this folder.")
@click.option("--attach", type=MONTH, help="Bring a month back.")
@click.option("--from", "from_", type=_FOLDER, help="Where its files are now, if they moved.")
@click.option("--list", "is_list", is_flag=True, help="Show what is in the archive.")
@as_json
@pass_node
def command(  # noqa: PLR0917 - click passes arguments by name
    node: Node,
    database: str,
    before: date | None,
    to: Path | None,
    attach: date | None,
    from_: Path | None,
    *,
    is_list: bool,
    as_json: bool,
) -> None:
    """Move old months of tables that are cut by time to the archive, and back.

    The archive is part of the same database and of its backups: a month moves there at
    once, and pages no longer show it. With --to it goes on to files, and its tables are
    dropped when these are safely on the disk. Sales that were added up stay, and a POS
    transaction of an archived month is still known and not imported twice.

    \b
    Examples:
      poser db archive trainwreck --before 2024-01
      poser db archive trainwreck --before 2024-01 --to /srv/archive
      poser db archive trainwreck --attach 2023-12
      poser db archive trainwreck --list --json
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db.archiving import Archives  # noqa: PLC0415 - slow
    from poser.extensions.models import metadata_of  # noqa: PLC0415

    if sum((before is not None, attach is not None, is_list)) != 1:
        raise click.UsageError("say one of --before, --attach and --list")
    if (to and not before) or (from_ and not attach):
        raise click.UsageError("--to belongs to --before, and --from to --attach")
    metadata = metadata_of(database, node.extensions)
    archives = Archives(database=database, url=node.url(database), metadata=metadata)

    def tell(moved: "Moved") -> None:
        rows = f" ({moved.rows} rows)" if moved.rows else ""
        if not as_json:
            click.echo(f"{moved.table} {moved.period}: {moved.where}{rows}")

    if before:
        done = archives.move(before, to, tell)
        if not done and not as_json:
            click.echo(f"{database}: nothing lies before {before:%Y-%m}; nothing changed")
    elif attach:
        done = archives.attach(attach, from_, tell)
    else:
        _list(archives.listed(), as_json=as_json)
        return
    if as_json:
        write_json([one.to_json() for one in done])


def _list(found: "Sequence[Moved]", *, as_json: bool) -> None:
    if as_json:
        write_json([one.to_json() for one in found])
    elif found:
        rows = [(one.table, str(one.period), one.where) for one in found]
        write_columns([("table", "period", "where"), *rows])
    else:
        click.echo("the archive is empty")
