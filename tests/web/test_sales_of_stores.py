# SPDX-License-Identifier: Apache-2.0
"""Staff who are limited to stores see what those stores sold, and nothing of other stores."""

from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.model import Store, User, UserStore
from tests.web.conftest import Browser, Writer
from tests.web.factories import PASSWORD, add_grocery, add_person, add_sale
from web.app import Wsgi

RIGHTS = ("pos_transactions.view", "products.view", "products.history", "root.become")


class Sold(NamedTuple):
    """A sale of the own store 9 and a larger one of store 10, and a product of both."""

    mine: UUID
    other: UUID
    product: UUID


@pytest.fixture
def sold(poser: Writer, trainwreck: Writer) -> Sold:
    """Sell 2 things in store 9, and 6 in store 10 a day later."""
    products = poser(add_grocery)
    mine = trainwreck(add_sale, products[:2], receipt_number="mine-1")
    day = mine.business_date.replace(day=21)
    other = trainwreck(
        add_sale, products[:6], store_number="10", business_date=day, receipt_number="other-1"
    )
    return Sold(mine.id, other.id, products[0].id)


@pytest.fixture
def come(app: Wsgi, poser: Writer) -> Callable[..., Browser]:
    """Sign in somebody who is limited to the stores with some numbers."""

    def limited(session: Session, numbers: tuple[str, ...]) -> None:
        add_person(session, "sid", *RIGHTS)
        user = session.scalars(select(User).where(User.name == "sid")).one()
        user.is_limited_to_stores = True
        wanted = select(Store.id).where(Store.number.in_(numbers))
        session.add_all(
            UserStore(user_id=user.id, store_id=each) for each in session.scalars(wanted)
        )

    def come(*numbers: str) -> Browser:
        poser(limited, numbers)
        browser = Browser(app)
        assert browser.sign_in("sid").status_code == 303
        return browser

    return come


def test_the_grid_and_its_files_and_sums(come: Callable[..., Browser], sold: Sold) -> None:
    sid = come("9")
    sid.get("/pos-transactions")
    assert str(sold.mine) in sid.text
    assert str(sold.other) not in sid.text
    assert "15.00" not in sid.text, "the other store's sale, or with it the total"
    assert "20.00" not in sid.text
    for query in ("?store=10", "?date.from=2026-11-21", "?receipt=other-1", "?cashier=Robin"):
        sid.get(f"/pos-transactions{query}")
        assert str(sold.other) not in sid.text, query
    lines = sid.get("/pos-transactions.csv").text.splitlines()
    assert len(lines) == 2
    assert "mine-1" in lines[1]
    sheet = load_workbook(BytesIO(sid.get("/pos-transactions.xlsx").content)).worksheets[0]
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ["mine-1"]


def test_a_receipt_of_another_store_is_not_found(come: Callable[..., Browser], sold: Sold) -> None:
    sid = come("9")
    assert sid.get(f"/pos-transactions/{sold.mine}").status_code == 200
    assert sid.get(f"/pos-transactions/{sold.other}").status_code == 404


def test_the_last_sales_of_a_product(come: Callable[..., Browser], sold: Sold) -> None:
    sid = come("9")
    sid.get(f"/products/{sold.product}")
    assert "Last sales" in sid.text
    assert str(sold.mine) in sid.text
    assert str(sold.other) not in sid.text


def test_the_first_page_sums_up_the_own_stores(come: Callable[..., Browser], sold: Sold) -> None:
    sid = come("9")
    sid.get("/")
    assert str(sold.mine) in sid.text
    assert str(sold.other) not in sid.text
    assert "5.00" in sid.text
    assert "15.00" not in sid.text
    assert "2026-11-21" not in sid.text, "the newest day is that of the own store"


@pytest.mark.usefixtures("sold")
def test_who_has_no_store_sees_no_sales(come: Callable[..., Browser]) -> None:
    nobody = come()
    for path in ("/", "/pos-transactions", "/sales"):
        assert nobody.get(path).status_code == 200
        assert "5.00" not in nobody.text, path
    assert "No sales on this day." in nobody.text
    assert len(nobody.get("/pos-transactions.csv").text.splitlines()) == 1


def test_root_sees_all_stores(come: Callable[..., Browser], sold: Sold) -> None:
    sid = come("9")
    sid.get("/root")
    sent = {"csrf": sid.token(), "reason": "a complaint", "proof": PASSWORD}
    assert sid.post("/root", sent).status_code == 303
    assert sid.get(f"/pos-transactions/{sold.other}").status_code == 200
