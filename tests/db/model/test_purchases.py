# SPDX-License-Identifier: Apache-2.0
"""Purchases: what is still to come, and what their rows cannot say."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from poser.db import transaction
from poser.db.refused import Refused
from poser.model import Product, Purchase, PurchaseCredit, PurchaseItem, Store, Vendor
from poser.model.on_order import on_order

pytestmark = pytest.mark.postgresql


def test_what_is_still_to_come_is_counted_from_open_purchases(poser_db: Engine) -> None:
    milk, bread = Product(description="Milk"), Product(description="Bread")
    dairy, store = Vendor(number="1", name="Dairy"), Store(number="9", name="Riverside")
    with transaction(poser_db) as session:
        session.add_all([milk, bread, dairy, store])
        session.flush()
        for status in ("new", "ordered", "ordered", "received", "canceled"):
            lines = [
                PurchaseItem(
                    sequence=1,
                    product_id=milk.id,
                    case_size=12,
                    cases_ordered=3,
                    units_ordered=2,
                    cases_received=1,
                    units_damaged=4,
                ),
                PurchaseItem(sequence=2, product_id=bread.id, units_ordered=5, units_received=6),
            ]
            session.add(Purchase(store_id=store.id, vendor_id=dairy.id, status=status, items=lines))
        session.flush()
        found = on_order(session, [milk.id, bread.id])
    assert found == {(milk.id, store.id): Decimal(2 * (38 - 16))}


def test_a_purchase_that_cannot_be_is_refused(poser_db: Engine) -> None:
    dairy, store = Vendor(number="1", name="Dairy"), Store(number="9", name="Riverside")
    with transaction(poser_db) as session:
        session.add_all([dairy, store])
    whose = {"store_id": store.id, "vendor_id": dairy.id}
    line = PurchaseItem(sequence=1, units_damaged=-1)
    early = {"ordered_on": date(2026, 3, 2), "shipped_on": date(2026, 3, 1)}
    odd = {"units_shorted": 1, "kind": "damaged", "mispicked_description": "Bread"}
    refusals = [
        (Purchase(**whose, items=[line]), "No count of a purchase's line can be below zero"),
        (Purchase(**whose, **early), r"shipped \(2026-03-01\) before they are ordered"),
        (PurchaseCredit(**whose, kind="damaged"), "for more than nothing; not for 0.0000 cases"),
        (PurchaseCredit(**whose, **odd), "of mispicked goods only, not of damaged ones"),
    ]
    for row, words in refusals:
        with pytest.raises(Refused, match=words), transaction(poser_db) as session:
            session.add(row)
