# SPDX-License-Identifier: Apache-2.0
"""A row of any table, with as little in it as the table allows, for tests that ask all tables."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, Table, insert
from sqlalchemy import types as t
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Session

_numbers = count(1)
_OWNED = ("email_addresses", "phones", "postal_addresses", "members")
_ASKED_FOR: Mapping[str, tuple[str, ...]] = {
    "customer_orders": ("customer_id",),
    "customer_order_items": ("product_id",),
    "purchase_credits": ("units_shorted",),
    "messages": ("subject",),
    "notes": ("person_id", "text"),
    **dict.fromkeys(_OWNED, ("person_id",)),
}
"""Columns that need not be filled in, but for a rule over several of them."""

_SPELT: Mapping[tuple[str, str], Any] = {
    ("email_addresses", "address"): "pat{}@example.org",
    ("portal_accounts", "address"): "pat{}@example.org",
    ("postal_addresses", "country"): "US",
    ("product_images", "sha256"): bytes(32),
}
"""Values that a rule wants to look like something."""

_EXAMPLES: tuple[tuple[Any, Any], ...] = (
    (t.Boolean, False),
    (t.Integer, 1),
    (t.Numeric, Decimal(1)),
    (t.DateTime, datetime(2026, 11, 1, tzinfo=UTC)),
    (t.Date, date(2026, 11, 1)),
    (JSONB, {}),
    (t.LargeBinary, b"x"),
    (DATERANGE, Range(date(2026, 1, 1), None)),
    (TSTZRANGE, Range(datetime(2026, 1, 1, tzinfo=UTC), None)),
)


def add_row(session: Session, table: Table, **given: object) -> UUID:
    """Add a row and give its id; what it must refer to is added, too."""
    values = {**_needed(session, table, given), **given}
    made: UUID = session.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    return made


def _needed(session: Session, table: Table, given: Mapping[str, object]) -> dict[str, object]:
    return {
        column.name: _example(session, table, column)
        for column in table.c
        if column.name not in given
        and not column.primary_key
        and column.computed is None
        and (
            column.name in _ASKED_FOR.get(table.name, ())
            or not (column.nullable or column.server_default is not None)
        )
    }


def _example(session: Session, table: Table, column: Column[Any]) -> object:
    for reference in column.foreign_keys:
        return add_row(session, reference.column.table)
    if (table.name, column.name) in _SPELT:
        spelt = _SPELT[table.name, column.name]
        return spelt.format(next(_numbers)) if isinstance(spelt, str) else spelt
    if isinstance(column.type, t.Uuid):
        return uuid4()
    for rule in table.constraints:
        name, words = rule.info.get("one_of", ("", ()))
        if name == column.name:
            return next(iter(words)).value
    for kind, value in _EXAMPLES:
        if isinstance(column.type, kind):
            return value
    return f"{column.name} {next(_numbers)}"
