# SPDX-License-Identifier: Apache-2.0
"""POS transactions for tests of the database: few columns given, the rest is plain."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from poser.ids import uuid7

DAY = date(2026, 11, 20)
COUNTED = {"is_void": False, "is_suspended": False, "is_training": False}


def add_pos_transaction(connection: Connection, number: int, **values: object) -> UUID:
    """Add a POS transaction without parts; `number` makes its id of the system."""
    row: dict[str, Any] = {
        "id": uuid7(),
        "business_date": DAY,
        "system": "test",
        "system_id": str(number),
        "kind": "sale",
        "store_number": "9",
        "terminal": "1",
        "receipt_number": str(number),
        "started_at": datetime(2026, 11, 20, 17, 0, tzinfo=UTC),
        "ended_at": datetime(2026, 11, 20, 17, 5, tzinfo=UTC),
        **values,
    }
    _insert(connection, "pos_transactions", row)
    made: UUID = row["id"]
    return made


def add_part(connection: Connection, table: str, of: UUID, sequence: int, **values: object) -> None:
    """Add a line, a discount, a tax or a tender to a POS transaction."""
    found = connection.execute(
        text("SELECT business_date, counts_for FROM pos_transactions WHERE id = :id"), {"id": of}
    ).one()
    row = {
        "transaction_id": of,
        "business_date": found.business_date,
        "counts_for": found.counts_for,
        "sequence": sequence,
        **_PLAIN[table],
        **values,
    }
    _insert(connection, table, row)


_PLAIN: dict[str, dict[str, object]] = {
    "pos_lines": {
        "kind": "sale", "description": "MILK", "quantity": 1, "unit_price": "2.50",
        "extended": "2.50",
    },
    "pos_discounts": {"kind": "PercentOff", "amount": "-0.50"},
    "pos_taxes": {"amount": "0.20"},
    "pos_tenders": {"kind": "tender", "tender_type": "cash", "amount": "2.70"},
}  # fmt: skip


def _insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608
