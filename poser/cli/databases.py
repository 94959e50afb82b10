# SPDX-License-Identifier: Apache-2.0
"""What the commands behind `poser db` share: naming databases, and asking for JSON.

@click.command()
@databases
@as_json
@pass_node
def command(node: Node, databases: tuple[str, ...], *, as_json: bool) -> None: ...
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from poser.databases import DATABASES

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON.")
"""The option `--json`."""


def databases(function: F) -> F:
    """Add the argument DATABASE... and the option `--all`; none named means all."""
    argument = click.argument(
        "databases", nargs=-1, type=click.Choice(DATABASES), callback=_all_if_none
    )
    every = click.option(
        "--all",
        "every",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_remember,
        help="All databases; the same as naming none.",
    )
    return argument(every(function))


def _remember(context: click.Context, _parameter: click.Parameter, value: object) -> object:
    context.meta["every database"] = value
    return value


def _all_if_none(
    context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    if value and context.meta.get("every database"):
        raise click.UsageError(f"--all and {value[0]}: say one or the other", context)
    return tuple(dict.fromkeys(value)) or DATABASES
