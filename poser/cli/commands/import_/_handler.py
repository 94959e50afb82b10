# SPDX-License-Identifier: Apache-2.0
"""`poser import KEY`: one command for each handler, made when it is named."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from poser.cli.author import command_line
from poser.cli.handlers import HandlerCommand, node_of
from poser.importing.words import asked_from, described_import

if TYPE_CHECKING:
    from poser.importing.found import Found

SCHEDULE, RESULT = "name of the schedule", "result of the run"
"""What is kept with the context: whose run it is, and what came of it."""


def made(found: "Found") -> click.Command:
    """Make the command of one handler."""
    return HandlerCommand(found, described_import, _run)


def _run(context: click.Context, found: "Found", typed: Mapping[str, Any]) -> None:
    """Run a handler as it is asked, say what came of it, and exit with its code."""
    from poser.cli.commands.import_._report import exit_code, report  # noqa: PLC0415 - slow
    from poser.cli.progress import watching_run  # noqa: PLC0415
    from poser.databases import DATABASES  # noqa: PLC0415
    from poser.importing.running import run  # noqa: PLC0415

    node = node_of(context)
    handler = found.load()()
    schedule = context.meta.get(SCHEDULE, "")
    asked = asked_from(typed, handler.options, command=command_line(), schedule=schedule)
    engines = {name: node.engine(name, command=f"import {found.key}") for name in DATABASES}
    with watching_run(quiet=typed["quiet"]) as watch:
        result = run(handler, asked, engines, watch)
    context.meta[RESULT] = result
    report(result, asked, as_json=typed["as_json"], quiet=typed["quiet"])
    context.exit(exit_code(result, asked))
