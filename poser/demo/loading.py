# SPDX-License-Identifier: Apache-2.0
"""Loading a demo shop into the databases of a node: all of it, or nothing.

Each database gets it in one transaction, through the tables and triggers that everybody
else writes to. The two commits follow each other at the end.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic

from psycopg2 import IntegrityError
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from poser.db import transaction
from poser.db.authors import Author
from poser.db.partitions import periods
from poser.demo import goods, groundwork, people, sales, stock
from poser.demo.plan import Plan
from poser.demo.stock import Ledger
from poser.errors import PoserError
from poser.trainwreck.model import PARTITIONS

Tell = Callable[[str, int, int], None]
"""Called with what is being loaded, how far that is, and how much it is in all."""
FULL = {
    "poser": ("products", "customers", "stores", "departments", "brands"),
    "trainwreck": ("pos_transactions",),
}
"""Tables that are empty on a node without data."""


@dataclass(slots=True, kw_only=True)
class Loaded:
    """What was loaded: rows by subject, and how long it took."""

    rows: dict[str, int] = field(default_factory=dict)
    transactions: int = 0
    seconds: float = 0.0


def load(poser: Engine, trainwreck: Engine, plan: Plan, author: Author, tell: Tell) -> Loaded:
    """Make the shop of a plan. Raises PoserError when something of it is there already."""
    began, done = monotonic(), Loaded()
    try:
        with transaction(poser, author=author) as session, transaction(trainwreck) as tills:
            _load(session, tills, plan, done, tell)
    except IntegrityError as error:
        raise PoserError(
            f"a part of this shop is there already: {' '.join(str(error).split())}",
            hint="give another --seed; nothing was changed",
        ) from error
    _learn(poser, (*groundwork.TABLES, *goods.TABLES, *people.TABLES, *stock.TABLES))
    _learn(trainwreck, sales.TABLES)
    done.seconds = round(monotonic() - began, 1)
    return done


def _learn(engine: Engine, tables: Iterable[str]) -> None:
    """Let PostgreSQL learn what is in the tables, so that the first queries are quick, too."""
    with transaction(engine) as session:
        for table in tables:
            session.execute(text("SELECT analyze_table(:name)"), {"name": table})


def _load(session: Session, tills: Session, plan: Plan, done: Loaded, tell: Tell) -> None:
    def telling(what: str, total: int) -> Callable[[int], None]:
        return lambda number: tell(what, number, total)

    ledger = Ledger(session, plan)
    done.rows["stores, departments, brands, vendors"] = groundwork.load(
        session, plan, telling("groundwork", 1)
    )
    done.rows["products, prices, costs"] = goods.load(
        session, plan, telling("products", plan.products)
    )
    done.rows["people"] = people.load(session, plan, telling("customers", plan.customers))
    ledger.open(telling("stock", plan.products))
    done.transactions, done.rows["POS transactions and their parts"] = sales.load(
        tills, plan, ledger, telling("days of sales", len(plan.days))
    )
    done.rows["stock movements"] = ledger.written


def data_of(engine: Engine, database: str) -> list[str]:
    """Name the tables of `FULL` that have rows."""
    with transaction(engine, read_only=True) as session:
        return [
            table
            for table in FULL[database]
            if session.execute(text(f"SELECT EXISTS (SELECT FROM {table})")).scalar()  # noqa: S608 - ours
        ]


def require_months(trainwreck: Engine, plan: Plan) -> None:
    """Raise PoserError unless every month of the plan has its partitions."""
    if not plan.days:
        return
    with transaction(trainwreck, read_only=True) as session:
        there = set(periods(session.connection(), PARTITIONS))
    lacking = {PARTITIONS.period(day) for day in plan.days} - there
    if lacking:
        first = min(lacking)
        raise PoserError(
            f"there is no room for POS transactions of {first}"
            + (f" and {len(lacking) - 1} other months" if len(lacking) > 1 else ""),
            hint=f"make it: sudo poser db upkeep trainwreck --since {first}",
        )
