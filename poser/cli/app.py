# SPDX-License-Identifier: Apache-2.0
"""The first word of every command, the options before it, and how errors are shown."""

import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from contextvars import copy_context
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from poser import __version__
from poser.cli.author import typed, write_as_command
from poser.cli.words import Words, is_node
from poser.config import Config, Row, load
from poser.errors import PoserError
from poser.extensions.configured import extensions

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from poser.extensions.packages import Extension

FAILED, USAGE = 1, 2
DIFFERS = 3
"""Exit code for "looked, and it is not as it should be"."""
PARTLY, REFUSED = 4, 5
"""Exit codes for "some of it failed" and "some entries were refused"."""
STOPPED = 6
"""Exit code for "stopped before anything was written, by a limit or for safety"."""
INTERRUPTED = 130

_NOT_IN_SCHEMA = ("42P01", "42703")
"""PostgreSQL's codes for a table and a column that are not there."""


class Node:
    """What commands share: this node's settings and databases, opened when first asked for."""

    def __init__(self, paths: Sequence[Path], *, debug: bool) -> None:
        self._paths = paths
        self.debug = debug

    @cached_property
    def config(self) -> Config:
        """The settings of this node; the database is asked when one needs it, once."""
        config = load(self._paths or None)
        config.ask(self._rows)
        return config

    @cached_property
    def extensions(self) -> "tuple[Extension, ...]":
        """The packages that extend Poser on this node."""
        return extensions(self.config)

    @property
    def extensions_if_any(self) -> "tuple[Extension, ...]":
        """The same; none where there is no node at all, such as beside a checkout."""
        is_configured = self._paths or os.environ.get("POSER_CONFIG") or is_node()
        return self.extensions if is_configured else ()

    @property
    def own_commands(self) -> tuple[str, ...]:
        """The words of Poser itself, which no extension may take."""
        return tuple(root.modules)

    def url(self, database: str) -> str:
        """Say where a database is."""
        from poser.db.settings import url  # noqa: PLC0415 - slow

        return url(self.config, database)

    def engine(self, database: str, *, command: str) -> "Engine":
        """Open a database for a command that people wait for, however long it takes."""
        from poser.db import engine  # noqa: PLC0415 - slow

        write_as_command()
        return engine(
            self.url(database),
            application=f"poser {command}",
            pool_size=1,
            statement_timeout_ms=0,
            idle_timeout_ms=0,
        )

    def _rows(self) -> "Iterable[Row]":
        from poser.settings import rows_once  # noqa: PLC0415 - slow

        return rows_once(self.engine("poser", command="settings"))


pass_node = click.make_pass_decorator(Node)


@click.command(
    cls=Words,
    package="poser.cli.commands",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "-c",
    "--config",
    "paths",
    multiple=True,
    is_eager=True,  # --help behind it shows the commands of the extensions that it names
    type=click.Path(path_type=Path),
    help="Settings file; several may be given, the first wins. Otherwise those in the"
    " environment's POSER_CONFIG, or /etc/poser/poser.conf.",
)
@click.option("--debug", is_flag=True, help="Show where an error comes from (traceback).")
@click.version_option(__version__, message="poser %(version)s")
@click.pass_context
def root(context: click.Context, paths: tuple[Path, ...], *, debug: bool) -> None:
    """Look after this node of Poser: its databases, its users, its data.

    Every command explains itself, with examples: poser COMMAND --help

    \b
    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not as it should be,
    4 partly failed, 5 some entries were refused and kept aside, 6 stopped before
    anything was written, by a limit or for safety.
    """  # noqa: D301 - click reads \b as "keep these lines"
    context.obj = Node(paths, debug=debug)


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; errors become two lines on standard error."""
    return copy_context().run(_run, arguments)


def _run(arguments: Sequence[str]) -> int:
    typed(arguments)
    debug = "--debug" in arguments
    try:
        code = root.main(args=list(arguments), prog_name="poser", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        return _complain(error.format_message(), _help_for(error), USAGE)
    except click.Abort:
        return _complain("interrupted", "nothing that was not finished is kept", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has enough, as `head` does: not worth a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except PoserError as error:
        if debug:
            traceback.print_exc()
        return complain(error)
    except Exception as error:  # noqa: BLE001 - the edge of the program
        if debug:
            traceback.print_exc()
        return _complain(_unexpected(error), _next(error, debug=debug), FAILED)
    return code if isinstance(code, int) else 0


def complain(error: PoserError) -> int:
    """Show an error as two lines on standard error and return the exit code for it."""
    return _complain(error.message, error.hint, FAILED)


def _help_for(error: click.UsageError) -> str:
    return f"{error.ctx.command_path} --help explains it" if error.ctx else "poser --help"


def _unexpected(error: Exception) -> str:
    words = " ".join(str(getattr(error, "orig", None) or error).split())
    return f"{type(error).__name__}: {words}"


def _next(error: Exception, *, debug: bool) -> str:
    if getattr(getattr(error, "orig", None), "pgcode", "") in _NOT_IN_SCHEMA:
        return "is the schema up to date? sudo poser db status"
    return "" if debug else "--debug shows where"


def _complain(message: str, hint: str, code: int) -> int:
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
    return code
