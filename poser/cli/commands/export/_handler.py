# SPDX-License-Identifier: Apache-2.0
"""`poser export KEY`: one command for each handler, made when it is named."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from poser.cli.author import command_line
from poser.cli.handlers import HandlerCommand, node_of
from poser.cli.output import write_json
from poser.importing.words import asked_from, described_export

if TYPE_CHECKING:
    from poser.importing.found import Found

STANDARD_OUTPUT = "-"


def made(found: "Found") -> click.Command:
    """Make the command of one handler."""
    return HandlerCommand(found, described_export, _run)


def _run(context: click.Context, found: "Found", typed: Mapping[str, Any]) -> None:
    """Export as it is asked, and say how many rows went where."""
    from poser.cli.progress import watching_run  # noqa: PLC0415 - slow
    from poser.importing.exporting import export  # noqa: PLC0415

    node = node_of(context)
    handler = found.load()()
    asked = asked_from(typed, handler.options, command=command_line())
    to_stdout = asked.where == STANDARD_OUTPUT
    if to_stdout and typed["as_json"]:
        raise click.UsageError("--json and --to -: both would go to standard output")
    engine = node.engine("poser", command=f"export {found.key}")
    with watching_run(quiet=typed["quiet"]) as watch:
        done = export(handler, asked, engine, watch)
    if typed["as_json"]:
        write_json(asdict(done))
    elif not typed["quiet"]:
        counts = ", ".join(f"{count:,} {model}" for model, count in done.rows.items())
        to = "standard output" if to_stdout else done.to
        click.echo(f"{to}: {counts}", err=to_stdout)
