# SPDX-License-Identifier: Apache-2.0
"""`poser sql`: psql, connected to a database of this node."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import click

from poser.cli.app import Node, pass_node
from poser.cli.author import command_author
from poser.cli.databases import as_json
from poser.cli.output import write_json
from poser.cli.psql import environment
from poser.databases import DATABASES
from poser.errors import PoserError


@click.command()
@click.argument("database", default="poser", type=click.Choice(DATABASES))
@click.option("-c", "statement", help="Run this statement and leave.")
@click.option(
    "-f",
    "script",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Run the statements of this file, in one transaction, and leave.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Write results as CSV.")
@as_json
@click.option("--write", is_flag=True, help="Allow changes; they are kept with your name.")
@pass_node
def command(
    node: Node,
    database: str,
    *,
    statement: str | None,
    script: Path | None,
    as_csv: bool,
    as_json: bool,
    write: bool,
) -> None:
    """Open psql on a database of this node, or run a statement or a file in it.

    You are the application's user there: you may read and change rows, not tables. Without
    --write PostgreSQL refuses changes, as a guard against slips. With it, what you change
    is in the history under your name, as made by "poser sql". Exit codes are psql's.

    \b
    Inside: \\dt lists tables, \\d products shows one, \\? explains psql, \\q leaves.

    \b
    Examples:
      poser sql
      poser sql trainwreck -c "SELECT * FROM sales_by_day ORDER BY business_date DESC LIMIT 7"
      poser sql -c "SELECT number, name FROM departments" --csv > departments.csv
      poser sql -c "SELECT count(*) FROM products" --json
      poser sql --write -f corrections.sql
    """  # noqa: D301 - click reads \b as "keep these lines"
    _check(statement, script, as_csv=as_csv, as_json=as_json)
    if as_json and statement is not None:
        _as_json(node, database, statement, write=write)
        return
    _become_psql(node.url(database), statement, script, as_csv=as_csv, write=write)


def _check(statement: str | None, script: Path | None, *, as_csv: bool, as_json: bool) -> None:
    if statement is not None and script is not None:
        raise click.UsageError("-c and -f: say one or the other")
    if as_json and as_csv:
        raise click.UsageError("--json and --csv: say one or the other")
    if as_json and statement is None:
        raise click.UsageError("--json needs a statement: -c")
    if as_csv and statement is None and script is None:
        raise click.UsageError("--csv needs a statement or a file: -c or -f")


def _become_psql(
    url: str, statement: str | None, script: Path | None, *, as_csv: bool, write: bool
) -> NoReturn:
    """Turn into psql. The address goes through the environment: arguments are seen by all."""
    program = shutil.which("psql")
    if program is None:
        raise PoserError("psql is not installed here", hint="apt install postgresql-client")
    author = command_author("poser sql --write") if write else None
    words = ["psql", *(("--csv",) if as_csv else ())]
    if statement is not None or script is not None:
        words += ["--no-psqlrc", "--set=ON_ERROR_STOP=1", "--quiet"]
    if statement is not None:
        words.append(f"--command={statement}")
    if script is not None:
        words += ["--single-transaction", f"--file={script}"]
    os.execve(program, words, environment(url, os.environ, author=author))  # noqa: S606 - meant


def _as_json(node: Node, database: str, statement: str, *, write: bool) -> None:
    """Run one statement and write its rows as a list of objects."""
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - slow

    from poser.db import transaction  # noqa: PLC0415

    author = command_author("poser sql --write")
    made = node.engine(database, command="sql")
    try:
        with transaction(made, read_only=not write, author=author) as session:
            # A statement as typed: a percent sign in it is one.
            options = {"no_parameters": True}
            done = session.connection().exec_driver_sql(statement, execution_options=options)
            rows = [dict(row) for row in done.mappings()] if done.returns_rows else []
    except DBAPIError as error:
        raise PoserError(" ".join(str(error.orig).split())) from error
    write_json(rows)
