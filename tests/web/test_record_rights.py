# SPDX-License-Identifier: Apache-2.0
"""Records, fields and stores that are somebody else's: neither shown nor written."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from poser.model import (
    ProductPrice,
    Purchase,
    PurchaseCredit,
    PurchaseItem,
    Store,
    UserStore,
    VendorCost,
    VendorItem,
)
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person, add_price, add_product
from tests.web.filling import add_vendor, fields_of, press, send
from web.app import Wsgi

OK, SEE_OTHER, FORBIDDEN, NOT_FOUND, CONFLICT, UNFIT = 200, 303, 403, 404, 409, 422
ALWAYS = Range(datetime(2026, 1, 1, tzinfo=UTC), None)


class Prices(NamedTuple):
    """Prices of one product: of the own store, of another one, and of all."""

    mine: UUID
    other: UUID
    all: UUID
    product: UUID


@pytest.fixture
def prices(poser: Writer) -> Prices:
    """Price a product in two stores and in all of them."""

    def add(session: Session) -> Prices:
        stores = [Store(number=n, name=f"Store {n}") for n in ("1", "2")]
        session.add_all(stores)
        product = add_product(session)
        mine, other, shared = (
            add_price(session, product, amount, store=store).id
            for amount, store in (("1.00", stores[0]), ("2.00", stores[1]), ("3.00", None))
        )
        return Prices(mine, other, shared, product.id)

    return poser(add)


@pytest.fixture
def kim(app: Wsgi, poser: Writer, prices: Prices) -> Browser:  # noqa: ARG001 - made first
    """Sign in somebody of store 1 who may do everything with prices."""
    verbs = ("view", "create", "edit", "delete", "history")
    rights = [f"prices.{verb}" for verb in verbs] + ["products.view", "stores.view"]

    def add(session: Session) -> None:
        user = add_person(session, "kim", *rights)
        user.is_limited_to_stores = True
        store = session.scalars(select(Store.id).where(Store.number == "1")).one()
        session.add(UserStore(user_id=user.id, store_id=store))

    poser(add)
    browser = Browser(app)
    assert browser.sign_in("kim").status_code == SEE_OTHER
    return browser


def price_of(session: Session, /, key: UUID) -> Decimal | None:
    return session.scalars(select(ProductPrice.price).where(ProductPrice.id == key)).one_or_none()


def test_staff_of_a_store_reach_their_rows_only(
    kim: Browser, poser: Writer, prices: Prices
) -> None:
    mine, other, shared = (f"/prices/{key}" for key in prices[:3])
    assert kim.get(mine).status_code == OK
    assert f'href="{mine}/edit"' in kim.text
    for part in ("", "/edit", "/copy", "/history"):
        assert kim.get(other + part).status_code == NOT_FOUND, part
    assert press(kim, other + "/delete") == NOT_FOUND
    assert press(kim, other + "/touch") == NOT_FOUND
    # A price for all stores is seen in each and changed by nobody who is limited to one.
    assert kim.get(shared).status_code == OK
    assert "/edit" not in kim.text
    assert kim.get(shared + "/edit").status_code == NOT_FOUND
    assert press(kim, shared + "/delete") == NOT_FOUND
    assert poser(price_of, prices.other) == Decimal("2.000")
    assert send(kim, mine + "/edit", {"price": "1.50"}) == SEE_OTHER
    assert poser(price_of, prices.mine) == Decimal("1.500")


def test_nobody_moves_a_row_to_another_store(kim: Browser, poser: Writer, prices: Prices) -> None:
    path = f"/prices/{prices.mine}/edit"
    for store in ("2", ""):
        assert send(kim, path, {"store_id": store, "price": "9"}) == UNFIT, kim.text
        assert poser(price_of, prices.mine) == Decimal("1.000")
    fields = {"product_id": "Product", "kind": "promotion", "price": "7"}
    product = {"id.product_id": str(prices.product), "pick.product_id": str(prices.product)}
    new = {**fields, **product, "valid.from": "2026-11-01T00:00"}
    assert send(kim, "/prices/new", {**new, "store_id": "2"}) == UNFIT
    assert send(kim, "/prices/new", {**new, "store_id": "1"}) == SEE_OTHER, kim.text


def test_a_deleted_row_of_another_store_stays_unseen(
    kim: Browser, admin: Browser, poser: Writer, prices: Prices
) -> None:
    assert press(admin, f"/prices/{prices.other}/delete") == SEE_OTHER
    kim.get("/prices/deleted")
    assert str(prices.other) not in kim.text
    assert kim.get(f"/prices/{prices.other}/history").status_code == NOT_FOUND
    assert press(kim, f"/prices/deleted/{prices.other}") == NOT_FOUND
    assert poser(price_of, prices.other) is None
    assert press(kim, f"/prices/{prices.mine}/delete") == SEE_OTHER
    kim.get("/prices/deleted")
    assert str(prices.mine) in kim.text
    assert press(kim, f"/prices/deleted/{prices.mine}") == SEE_OTHER
    assert poser(price_of, prices.mine) == Decimal("1.000")


@pytest.fixture
def cost(poser: Writer) -> UUID:
    """Add what a vendor charges for a product."""

    def add(session: Session) -> UUID:
        item = VendorItem(product_id=add_product(session).id, vendor_id=add_vendor(session))
        session.add(item)
        session.flush()
        made = VendorCost(
            vendor_item_id=item.id, kind="regular", unit_cost=Decimal("4.56789"), valid=ALWAYS
        )
        session.add(made)
        session.flush()
        return made.id

    return poser(add)


def cost_of(session: Session, /, key: UUID) -> Decimal | None:
    return session.scalars(select(VendorCost.unit_cost).where(VendorCost.id == key)).one()


def test_a_guarded_field_is_neither_shown_nor_written_without_its_right(
    app: Wsgi, poser: Writer, cost: UUID
) -> None:
    path = f"/vendor-costs/{cost}"
    verbs = ("view", "edit", "history")
    rights = {"blind": (), "sees": ("costs.view",), "all": ("costs.view", "costs.edit")}
    people = {}
    for name, more in rights.items():
        poser(add_person, name, *(f"vendor_costs.{verb}" for verb in verbs), *more)
        people[name] = Browser(app)
        people[name].sign_in(name)
    for part in ("", "/history", "/edit"):
        people["blind"].get(path + part)
        assert "4.56789" not in people["blind"].text, part
        assert "Unit cost" not in people["blind"].text, part
    people["sees"].get(path)
    assert "4.56789" in people["sees"].text
    assert "was.unit_cost" not in fields_of(people["sees"].get(path + "/edit").text)
    forged = {"unit_cost": "1", "was.unit_cost": "4.56789"}
    for name in ("blind", "sees"):
        send(people[name], path + "/edit", forged)
        assert poser(cost_of, cost) == Decimal("4.56789"), name
    assert send(people["all"], path + "/edit", {"unit_cost": "5"}) == SEE_OTHER
    assert poser(cost_of, cost) == Decimal("5.00000")
    # What may not be written is not put back either.
    blind, sees = people["blind"], people["sees"]
    for browser in (blind, sees):
        browser.get(path + "/history")
        assert 'value="unit_cost"' not in browser.text
        moment = datetime.now(UTC).isoformat()
        assert press(browser, path + "/history", moment=moment, field="unit_cost") == SEE_OTHER
    assert poser(cost_of, cost) == Decimal("5.00000")


def add_credit(session: Session) -> tuple[UUID, UUID]:
    """Add what a vendor owes store 1, for a line of a purchase of store 2; gives both ids."""
    first, second = session.scalars(select(Store).order_by(Store.number))
    vendor, product = add_vendor(session), add_product(session)
    purchase = Purchase(store_id=second.id, vendor_id=vendor)
    session.add(purchase)
    session.flush()
    line = PurchaseItem(
        purchase_id=purchase.id, product_id=product.id, description="Secret 77", sequence=1
    )
    session.add(line)
    session.flush()
    credit = PurchaseCredit(store_id=first.id, vendor_id=vendor, kind="damaged", units_shorted=1)
    session.add(credit)
    session.flush()
    return credit.id, line.id


def refer(session: Session, credit: UUID, line: UUID) -> None:
    session.get_one(PurchaseCredit, credit).purchase_item_id = line


def test_a_made_up_id_names_no_row_of_another_store(poser: Writer, kim: Browser) -> None:
    credit, line = poser(add_credit)
    lee, tables = "lee", ("purchase_credits", "purchase_items", "purchases")
    verbs = ("view", "create", "edit")
    more = ("costs.view", "costs.edit", "vendors.view", "stores.view")
    rights = [*(f"{table}.{verb}" for table in tables for verb in verbs), *more]

    def add(session: Session) -> None:
        user = add_person(session, lee, *rights)
        user.is_limited_to_stores = True
        store = session.scalars(select(Store.id).where(Store.number == "1")).one()
        session.add(UserStore(user_id=user.id, store_id=store))

    poser(add)
    kim.cookies.clear()
    assert kim.sign_in(lee).status_code == SEE_OTHER
    kim.get(f"/purchase-items/{line}")
    assert "Secret" not in kim.text
    field, key = "purchase_item_id", str(line)
    ways = ({f"pick.{field}": key}, {f"id.{field}": key, field: "x"}, {f"was.{field}": key, f"keep.{field}": "theirs"})  # fmt: skip # noqa: E501
    for path in (f"/purchase-credits/{credit}/edit", "/purchase-credits/new"):
        for made_up in ways:
            send(kim, path, {"cases_shorted": "x", **made_up})  # comes back with what is wrong
            assert "Secret" not in kim.text, (path, made_up)
        kim.get(f"{path}?{field}={key}")
        assert "Secret" not in kim.text, path
    # What the record refers to anyhow is named, and stays when something else is changed.
    poser(refer, credit, line)
    assert send(kim, f"/purchase-credits/{credit}/edit", {"note": "as agreed"}) == SEE_OTHER


def test_merging_rewrites_no_rows_of_other_stores(
    app: Wsgi,
    poser: Writer,
    prices: Prices,  # noqa: ARG001 - made first
) -> None:
    verbs = ("view", "create", "edit", "delete", "merge", "history")

    def add(session: Session) -> tuple[UUID, UUID]:
        user = add_person(session, "lee", *(f"vendors.{verb}" for verb in verbs))
        user.is_limited_to_stores = True
        first, second = session.scalars(select(Store).order_by(Store.number))
        session.add(UserStore(user_id=user.id, store_id=first.id))
        keep, gone = (add_vendor(session, number) for number in ("1", "2"))
        session.add(Purchase(store_id=second.id, vendor_id=gone))
        return keep, gone

    keep, gone = poser(add)
    lee = Browser(app)
    assert lee.sign_in("lee").status_code == SEE_OTHER
    words = {"with": str(gone)}
    assert press(lee, f"/vendors/{keep}/merge", **words) == OK
    assert "rows that you may not change" in lee.text.lower()
    assert press(lee, f"/vendors/{keep}/merge", **words, seen="1") == CONFLICT
    of_vendor = select(Purchase.vendor_id)
    assert poser(lambda session: session.scalars(of_vendor).one()) == gone

    def move(session: Session) -> None:
        purchase = session.scalars(select(Purchase)).one()
        purchase.store_id = session.scalars(select(Store.id).where(Store.number == "1")).one()

    poser(move)
    assert press(lee, f"/vendors/{keep}/merge", **words, seen="1") == SEE_OTHER
    assert poser(lambda session: session.scalars(of_vendor).one()) == keep
