# SPDX-License-Identifier: Apache-2.0
"""Both databases open for one file of a log: committed in an order that heals itself.

The `poser` database commits first. If the machine dies before `trainwreck` commits, the
next run of the same file finds the products there and adds the POS transactions.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from poser.db.authors import AUTHOR, Author, Source, tell
from poser.db.transactions import unavailable
from poser.errors import ImportFailed, Unavailable

MANY_ROWS = 500
_NO_TABLE = "42P01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """Where a log goes."""

    poser: Engine
    trainwreck: Engine


@contextmanager
def both(into: Databases, *, system: str, dry_run: bool) -> Iterator[tuple[Session, Session]]:
    """Open both databases for one file; commit `poser` first, or neither."""
    try:
        with Session(into.poser) as goods, Session(into.trainwreck) as sales:
            for session, engine in ((goods, into.poser), (sales, into.trainwreck)):
                _connect(session, engine)
            tell(goods.connection(), _author(system))
            _lock(sales, system)
            yield goods, sales
            if not dry_run:
                goods.commit()
                sales.commit()
    except DBAPIError as error:
        raise _refused_by_database(error) from error


def _author(system: str) -> Author:
    """Name the import as the author of what it changes, for whoever started it."""
    via = f"POS log of {system}"
    starter = AUTHOR.get()
    if starter is None:
        return Author(source=Source.IMPORT, via=via)
    return replace(starter, source=Source.IMPORT, via=starter.via or via)


def _connect(session: Session, engine: Engine) -> None:
    try:
        session.connection()
    except OperationalError as error:
        raise unavailable(engine, error) from error


def _lock(sales: Session, system: str) -> None:
    """Keep a second import of the same system out until this transaction ends."""
    key = f"import poslog {system}"
    taken = sales.execute(
        text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key}
    )
    if not taken.scalar_one():
        raise Unavailable(
            f"another import of POS logs of system {system!r} is running",
            hint="wait until it has ended and run this again",
        )


def _refused_by_database(error: DBAPIError) -> ImportFailed | Unavailable:
    words = " ".join(str(error.orig).split())
    if getattr(error.orig, "pgcode", "") == _NO_TABLE:
        return Unavailable(
            f"a table is missing: {words}", hint="bring the databases up to date: poser db upgrade"
        )
    if error.connection_invalidated:
        return Unavailable(
            f"the database went away: {words}",
            hint="run it again when it is back; what is there already is not imported twice",
        )
    return ImportFailed(
        f"the database refused; nothing of this file is kept: {words}",
        hint="`poser --debug import ...` shows the statement",
    )


def analyze(into: Databases, counts: Counter[str]) -> None:
    """Tell the planner about a big load now, so that pages are fast at once."""
    tables = {
        into.poser: ("products", "product_prices") if counts["products"] > MANY_ROWS else (),
        into.trainwreck: ("pos_transactions", "pos_lines", "pos_discounts", "pos_tenders")
        if counts["lines"] > MANY_ROWS
        else (),
    }
    for engine, names in tables.items():
        with engine.connect() as connection:
            for name in names:
                connection.execute(text("SELECT analyze_table(:name)"), {"name": name})
            connection.commit()


def fold(sales: Engine) -> None:
    """Add up the increments of sales that an import left, so that reports stay quick."""
    with sales.begin() as connection:
        connection.execute(text("SELECT fold_sales()"))
