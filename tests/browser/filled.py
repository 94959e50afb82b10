# SPDX-License-Identifier: Apache-2.0
"""The grocery that the browser visits: products, sales, vendors, an import run, a batch."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Engine, select

from poser.db import transaction
from poser.importing.asked import Asked
from poser.importing.running import run
from poser.model import Product, User, UserRole, Vendor
from tests.support.batches import acting
from tests.support.importers import Vendors, vendors
from tests.support.importing import handler
from tests.web.factories import (
    add_discount,
    add_grocery,
    add_person,
    add_price,
    add_sale,
    add_tax,
)

_SALES = 120
A_WEEK = timedelta(days=7)
_VENDORS = ("United Natural Foods", "Frontier Co-op", "Organic Valley", "Equal Exchange")


def fill(engines: Mapping[str, Engine]) -> dict[str, str]:
    """Fill both databases of a node; gives the barcode of the milk and where records are."""
    with transaction(engines["poser"]) as session:
        products = add_grocery(session)
        add_person(session, "ada", admin=True)
        add_person(session, "cleo", "products.view", "vendors.view")
        now, milk = datetime.now(UTC), products[4]
        add_price(session, milk, "4.49", kind="promotion", since=now, until=now + timedelta(days=9))
    sale = _sell(engines["trainwreck"], products)
    with acting("ada"):
        found = _import(engines["poser"])
    with transaction(engines["poser"], read_only=True) as session:
        vendor = session.scalars(select(Vendor.id).where(Vendor.number == "1")).one()
        user = session.scalars(select(User.id).where(User.name == "cleo")).one()
        role = session.scalars(select(UserRole.id).where(UserRole.name == "cleo's role")).one()
    return {
        **found,
        "barcode": f"{milk.gtin:012}",
        "product": f"/products/{milk.id}",
        "sale": f"/pos-transactions/{sale}",
        "vendor": f"/vendors/{vendor}",
        "user": f"/users/{user}",
        "role": f"/user-roles/{role}",
    }


def _sell(trainwreck: Engine, products: list[Product]) -> object:
    """Sell something every 13 minutes, less a week ago; the last sale, given, has everything."""
    now = datetime.now(UTC)
    with transaction(trainwreck) as session:
        for n in range(_SALES, 0, -1):
            chosen = [products[(n * 7 + k * 5) % 22] for k in range(1 + n % 6)]
            for at in (now - A_WEEK - timedelta(minutes=17 * n), now - timedelta(minutes=13 * n)):
                sale = add_sale(
                    session, chosen, ended_at=at, business_date=at.date(), is_void=n % 17 == 3
                )
        add_discount(session, sale, 1, "-0.50")
        add_discount(session, sale, None, "-1.00")
        add_tax(session, sale, "0.31")
        return sale.id


def _import(poser: Engine) -> dict[str, str]:
    """Import vendors, then changes of them, then leave more changes waiting in a batch."""
    run(handler({"vendors": vendors(*_VENDORS)}, Vendors), Asked(), {"poser": poser})
    changed = [
        {"number": "1", "name": "UNFI <Pacific>", "terms": "net 30"},
        {"number": "2", "name": "Frontier Co-op", "terms": "net 60"},
        {"number": "9", "name": "Nine", "terms": "", "discount_percent": "a lot"},
    ]
    done = run(handler({"vendors": changed}, Vendors), Asked(), {"poser": poser})
    waiting = [
        {"number": "1", "name": "UNFI <Pacific>", "terms": "net 45"},
        {"number": "20", "name": "Twenty Bakers", "terms": "on delivery"},
    ]
    asked = Asked(make_batch=True, deletes=True, max_delete_share=Decimal(90))
    made = run(handler({"vendors": waiting}, Vendors), asked, {"poser": poser})
    return {"run": f"/imports/{done.run_id}", "batch": f"/batches/{made.batches[0]}"}
