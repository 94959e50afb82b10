# SPDX-License-Identifier: Apache-2.0
"""What `poser history on` and `poser history off` share."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import click

from poser.cli.app import Node
from poser.cli.author import command_author
from poser.cli.output import write_json

F = TypeVar("F", bound=Callable[..., Any])


def switches(function: F) -> F:
    """Add what both commands take: tables or all, history or capture or both, and why."""
    every = click.option("--all", "every", is_flag=True, expose_value=False, is_eager=True,
                         callback=_remember, help="All recorded tables.")  # fmt: skip
    which = click.option(
        "--capture",
        "which",
        flag_value="capture",
        help="Switch change capture, and leave the history as it is.",
    )
    both = click.option("--both", "which", flag_value="both", help="Switch both.")
    history = click.option(
        "--history", "which", flag_value="history", default="history", help="The default."
    )
    comment = click.option("--comment", default="", help="Why; kept in the history.")
    tables = click.argument("tables", nargs=-1, metavar="[TABLE]...", callback=_some_or_all)
    return tables(every(history(which(both(comment(function))))))


def switched(
    node: Node, tables: tuple[str, ...], which: str, comment: str, *, is_on: bool, as_json: bool
) -> None:
    """Switch, and say how the tables are recorded now."""
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.history.switching import switch  # noqa: PLC0415

    words = " ".join(("poser history", "on" if is_on else "off", f"--{which}", *tables))
    engine = node.engine("poser", command=words)
    with transaction(engine, author=command_author(words, comment)) as session:
        done = switch(
            session,
            tables,
            history=is_on if which != "capture" else None,
            capture=is_on if which != "history" else None,
        )
    if as_json:
        write_json([asdict(one) for one in done])
        return
    for one in done:
        on_off = {True: "on", False: "off", None: "never"}
        click.echo(f"{one.table}: history {on_off[one.history]}, capture {on_off[one.capture]}")
    if is_on and which != "capture":
        click.echo("what changed meanwhile: sudo poser history catch-up")


def _remember(context: click.Context, _parameter: click.Parameter, value: object) -> object:
    context.meta["every table"] = value
    return value


def _some_or_all(
    context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    if bool(value) == bool(context.meta.get("every table")):
        raise click.UsageError("name the tables, or say --all", context)
    return value
