# SPDX-License-Identifier: Apache-2.0
"""Making departments, stores, products and prices from what tills sold.

A log tells little about a product, so it only adds what is missing: a product that is
there keeps its description and department, whoever wrote them. Prices are facts of a
time and place and are put where they belong in time, so that the order in which logs
are imported makes no difference.
"""

from collections.abc import Sequence
from importlib.resources import files

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.importing.copying import as_line, as_text, copy_lines
from poser.importing.poslog.records import Transaction

_COLUMNS = (
    "key", "gtin", "plu", "code", "other_code", "description", "department_number",
    "department_name", "is_weighed", "is_food_stampable", "price", "store_number",
    "business_date", "at",
)  # fmt: skip
_SQL = files("poser.importing.poslog")


class Products:
    """The items that one log sold, on their way into the `poser` database."""

    def __init__(self, session: Session) -> None:
        self._session = session
        session.execute(text(_statements("stage.sql")[0]))

    def stage(self, batch: Sequence[Transaction]) -> None:
        """Note the stores and items of some POS transactions, each item once a day and store."""
        stores = {transaction.header.store_number for transaction in batch}
        copy_lines(self._session, "staged_stores", ("number",), map(as_text, stores))
        seen: dict[tuple[object, ...], tuple[float, str]] = {}
        for transaction in batch:
            header = transaction.header
            if header.is_training:
                continue
            for item in transaction.items:
                product = str(item.gtin) if item.gtin else f"code {item.code}"
                key = (product, header.store_number, header.business_date)
                ended = header.ended_at.timestamp()
                known = seen.get(key)
                if known is None or known[0] <= ended:
                    values = (
                        product, item.gtin, item.plu, item.code, item.other_code, item.description,
                        item.department_number, item.department_name, item.is_weighed,
                        item.is_food_stampable, item.price, header.store_number,
                        header.business_date, header.ended_at,
                    )  # fmt: skip
                    seen[key] = (ended, as_line(values))
        copy_lines(self._session, "staged_items", _COLUMNS, [line for _at, line in seen.values()])

    def keep(self) -> dict[str, int]:
        """Add what is missing, and return how many rows of each kind were added."""
        counts = {}
        for name in ("stores", "departments", "products", "codes"):
            for statement in _statements(f"{name}.sql"):
                counts[name] = self._run(statement)
        counts["prices"] = self._keep_prices()
        return counts

    def _keep_prices(self) -> int:
        prepare, place = _statements("prices.sql")
        self._run(prepare)
        most = self._session.execute(text("SELECT coalesce(max(n), 0) FROM staged_prices"))
        return sum(self._run(place, n=n) for n in range(1, most.scalar_one() + 1))

    def _run(self, statement: str, **values: int) -> int:
        """Run a statement of ours and return how many rows it wrote."""
        return self._session.connection().execute(text(statement), values).rowcount


def _statements(name: str) -> list[str]:
    """Read a file of SQL statements, divided by lines that say `-- next`."""
    return (_SQL / name).read_text(encoding="utf-8").split("-- next\n")
