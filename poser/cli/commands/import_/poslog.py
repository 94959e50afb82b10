# SPDX-License-Identifier: Apache-2.0
"""`poser import poslog`: what tills wrote down."""

import dataclasses
from typing import TYPE_CHECKING

import click

from poser.cli.app import FAILED, PARTLY, REFUSED, Node, complain, pass_node
from poser.cli.author import command_line
from poser.cli.commands.import_._handler import SCHEDULE
from poser.cli.output import write_json
from poser.errors import PoserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

    from poser.importing.asked import Asked
    from poser.importing.poslog.run import FileResult
    from poser.importing.watching import Watch

_SHOWN = 20


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--system",
    default="poslog",
    show_default=True,
    help="Name of the POS system; ids count as the same within one system.",
)
@click.option(
    "--time-zone",
    default="UTC",
    show_default=True,
    help="Zone of times that say none, such as America/Chicago.",
)
@click.option("--replace", is_flag=True, help="Take POS transactions that differ from the stored.")
@click.option("--dry-run", is_flag=True, help="Do everything, then undo it, and say what it was.")
@click.option(
    "--largest-mib",
    type=click.IntRange(min=1),
    default=16 * 1024,
    show_default=True,
    help="Refuse a compressed file that unpacks to more.",
)
@click.option("--json", "as_json", is_flag=True, help="Write a summary as JSON.")
@pass_node
@click.pass_context
def command(  # noqa: PLR0917 - click passes arguments by name
    context: click.Context,
    node: Node,
    files: tuple[str, ...],
    system: str,
    time_zone: str,
    largest_mib: int,
    *,
    replace: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import POS logs (ARTS/IXRetail POSLog XML), plain or gzip; - is standard input.

    New stores, departments, products and prices go to the poser database, what the tills
    did goes to trainwreck. Existing products keep what they have. A POS transaction that
    is there already is left as it is, so a log can be imported again at any time.

    An entry that cannot be read is named with its line and reason and kept aside (see
    poser import rejected); the others go in. If a file breaks off, all that is whole
    before the break goes in.

    \b
    Exit codes: 0 all in, 5 some entries were refused, 1 a file failed,
    4 some files failed and others did not.
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.cli.progress import watching_run  # noqa: PLC0415 - slow
    from poser.importing.asked import Asked  # noqa: PLC0415

    _check(time_zone)
    said = {
        "system": system,
        "time-zone": time_zone,
        "replace": "yes" if replace else "no",
        "largest-mib": str(largest_mib),
    }
    engines = {name: node.engine(name, command="import poslog") for name in ("poser", "trainwreck")}
    asked = Asked(
        options=tuple(said.items()),
        dry_run=dry_run,
        command=command_line(),
        schedule=context.meta.get(SCHEDULE, ""),
    )
    with watching_run() as watch:
        results = [_run(dataclasses.replace(asked, where=name), engines, watch) for name in files]
    if as_json:
        write_json({"dry_run": dry_run, "files": [result.to_json() for result in results]})
    for result in results:
        _report(result, dry_run=dry_run, as_json=as_json)
    context.exit(_exit_code(results))


def _run(asked: "Asked", engines: "Mapping[str, Engine]", watch: "Watch") -> "FileResult":
    """Import one log; the run is recorded. Raises PoserError when nothing can be done at all."""
    from poser.importing.running import run  # noqa: PLC0415 - slow
    from poser.importing.sources.poslog import PosLog  # noqa: PLC0415

    handler = PosLog()
    result = run(handler, asked, engines, watch)
    if handler.file is None:
        raise PoserError(result.why, hint=result.hint)
    return handler.file


def _check(time_zone: str) -> None:
    """Raise PoserError for a time zone that there is not."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - rarely needed

    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PoserError(
            f"there is no time zone {time_zone!r}", hint="write it like America/Chicago"
        ) from None


def _report(result: "FileResult", *, dry_run: bool, as_json: bool) -> None:
    """Tell people what became of a file; with JSON, only what went wrong."""
    for reject in result.rejects[:_SHOWN]:
        click.echo(f"refused: {reject}", err=True)
    counts = result.counts
    more = counts["refused"] + counts["refused_items"] - min(len(result.rejects), _SHOWN)
    if more > 0:
        click.echo(f"refused: and {more} more; poser import rejected lists them", err=True)
    if result.error:
        complain(result.error)
        if not counts:
            return
    if as_json:
        return
    name = "standard input" if result.name == "-" else result.name
    click.echo(f"{name}: {_summary(result)}" + (" (dry run: undone)" if dry_run else ""))


def _summary(result: "FileResult") -> str:
    counts = result.counts
    parts = [f"{counts['created']} POS transactions new ({counts['lines']} lines)"]
    parts += [f"{counts[kind]} {kind}" for kind in ("replaced", "refused") if counts[kind]]
    parts.append(f"{counts['unchanged']} there already")
    goods = ("stores", "departments", "products", "codes", "prices")
    parts += [f"{counts[kind]} {kind} new" for kind in goods if counts[kind]]
    return "; ".join(parts) + ("" if result.has_changes else "; nothing changed")


def _exit_code(results: "Sequence[FileResult]") -> int:
    failed = [result for result in results if result.error]
    if failed:
        return FAILED if len(failed) == len(results) else PARTLY
    refused = sum(r.counts["refused"] + r.counts["refused_items"] for r in results)
    return REFUSED if refused else 0
