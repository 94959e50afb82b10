# SPDX-License-Identifier: Apache-2.0
"""`poser import KEY`: one command for each handler, made when it is named."""

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from poser.cli.author import command_line
from poser.cli.commands.import_._asking import OPTIONS, YEAR, asked_from, own_option
from poser.cli.handlers import HandlerCommand, node_of
from poser.errors import PoserError

if TYPE_CHECKING:
    from poser.importing.asked import Asked
    from poser.importing.found import Found

SCHEDULE, RESULT = "name of the schedule", "result of the run"
"""What is kept with the context: whose run it is, and what came of it."""

MODELS = click.Argument(["models"], nargs=-1, metavar="[MODEL]...")
SHOWING = (
    click.Option(["--json", "as_json"], is_flag=True, help="Write what came of it as JSON."),
    click.Option(["--quiet"], is_flag=True, help="Write nothing unless something is wrong."),
)


def made(found: "Found") -> click.Command:
    """Make the command of one handler."""
    return HandlerCommand(found, _described, _run)


def described(
    found: "Found", shared: Sequence[click.Parameter]
) -> tuple[str, Sequence[click.Parameter]]:
    """Give the help of a handler, and parameters: `shared` and the handler's own."""
    handler = found.load()
    taken = [flag for one in shared for flag in (*one.opts, *one.secondary_opts)]
    try:
        own = [own_option(option, taken) for option in handler.options]
    except ValueError as error:
        raise PoserError(f"{found.place}: {error}", hint="give it another name") from None
    models = ", ".join(one.model.__name__ for one in handler.importers)
    parts = (
        inspect.cleandoc(handler.__doc__ or ""),
        f"PLACE: {handler.where}.",
        f"Models, in their order: {models}." if models else "",
    )
    return "\n\n".join(part for part in parts if part), (*shared, *own)


def asked_by_words(found: "Found", words: Sequence[str], *, schedule: str) -> "Asked":
    """Say what words behind `poser import KEY` ask for. Raises click.ClickException."""
    parameters = list(_described(found)[1])
    command = click.Command(found.key, params=parameters)
    with command.make_context(found.key, list(words)) as context:
        line = f"import {found.key}, named {schedule} by the settings"
        return asked_from(context.params, found.load().options, command=line, schedule=schedule)


def _described(found: "Found") -> tuple[str, Sequence[click.Parameter]]:
    return described(found, (MODELS, *OPTIONS, YEAR, *SHOWING))


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
