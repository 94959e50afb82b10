# SPDX-License-Identifier: Apache-2.0
"""`poser demo`: a believable shop to look at, to try things on, and to measure with."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from poser.cli.app import Node, pass_node
from poser.cli.author import who_types
from poser.cli.databases import as_json
from poser.cli.output import write_json
from poser.config.load import ROLE
from poser.errors import PoserError

if TYPE_CHECKING:
    from poser.demo.plan import Plan

Tell = Callable[[str, int, int], None]


@click.group()
def command() -> None:
    """Fill a node with a made-up shop.

    \b
    Examples:
      poser demo load
      poser demo load --products 1000 --months 1
      poser demo load --products 1000000 --months 0 --seed 7
    """  # noqa: D301 - click reads \b as "keep these lines"


def _yesterday() -> date:
    return datetime.now(UTC).date() - timedelta(days=1)


@command.command()
@click.option("--products", default=20_000, show_default=True, help="How many, 1 to 1000000.")
@click.option("--customers", default=5_000, show_default=True, help="How many, 0 to 1000000.")
@click.option("--stores", default=2, show_default=True, help="How many, 1 to 99.")
@click.option("--months", default=12, show_default=True, help="How long it has sold, 0 to 120.")
@click.option(
    "--transactions-per-day",
    default=200,
    show_default=True,
    help="POS transactions of one store on an average day, 0 to 20000.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day of sales; without it, yesterday.",
)
@click.option("--seed", default=1, show_default=True, help="Another number, another shop.")
@click.option("--add", is_flag=True, help="Load beside the data that there is already.")
@click.option("--yes", is_flag=True, help="Load on a machine of the inventory, too.")
@as_json
@pass_node
def load(
    node: Node,
    *,
    products: int,
    customers: int,
    stores: int,
    months: int,
    transactions_per_day: int,
    until: datetime | None,
    seed: int,
    add: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Make up a shop and load it: products, prices, costs, people, stock, a year of sales.

    The same numbers make the same shop, to the last id. It is loaded whole or not at all,
    through the tables and triggers that everybody uses; the history names "demo" as the
    source. There is no way back but to make the databases anew.

    A node that has data is refused unless you say --add: then all numbers and codes begin
    with the seed. A machine with a role (poser.role) is refused unless you say --yes.
    """
    from poser.db.authors import Author  # noqa: PLC0415 - slow
    from poser.demo import loading  # noqa: PLC0415
    from poser.demo.plan import Plan  # noqa: PLC0415

    plan = Plan(
        products=products,
        customers=customers,
        months=months,
        transactions_per_day=transactions_per_day,
        stores=stores,
        seed=seed,
        until=until.date() if until else _yesterday(),
        mark=f"{seed}-" if add else "",
    )
    _refuse_machine(node, yes=yes)
    poser = node.engine("poser", command="demo load")
    trainwreck = node.engine("trainwreck", command="demo load")
    if not add:
        _refuse_data(loading.data_of(poser, "poser") + loading.data_of(trainwreck, "trainwreck"))
    loading.require_months(trainwreck, plan)
    author = Author(source="demo", user_name=who_types(), via=f"poser demo load --seed {seed}")
    with _watching(quiet=as_json) as tell:
        done = loading.load(poser, trainwreck, plan, author, tell)
    if as_json:
        write_json({"plan": _plain(plan), **asdict(done)})
        return
    for what, count in done.rows.items():
        click.echo(f"{what}: {count:,} rows")
    click.echo(f"{done.transactions:,} POS transactions; {done.seconds:,.1f} s in all")


def _refuse_machine(node: Node, *, yes: bool) -> None:
    role = ROLE(node.config)
    if role and not yes:
        raise PoserError(
            f"this machine is a {role} of an inventory, and people may work with it",
            hint="if it is one to play with, say --yes",
        )


def _refuse_data(tables: list[str]) -> None:
    if tables:
        raise PoserError(
            f"this node has data: {', '.join(tables)}",
            hint="load beside it with --add, or take a node with empty databases",
        )


def _plain(plan: "Plan") -> dict[str, object]:
    return asdict(plan)


@contextmanager
def _watching(*, quiet: bool) -> Iterator[Tell]:
    """Give a function that shows how far it is: live on a terminal, else a line for each part."""
    if quiet:
        yield lambda _what, _number, _total: None
        return
    if not sys.stderr.isatty():
        yield _Lines().tell
        return
    from rich.console import Console  # noqa: PLC0415 - slow, and only for people
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks = {}

        def tell(what: str, number: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=number)

        yield tell


class _Lines:
    """Says each part once, when it is done."""

    def tell(self, what: str, number: int, total: int) -> None:
        """Say it at its end."""
        if number >= total:
            click.echo(f"{what}: {total:,}", err=True)
