# SPDX-License-Identifier: Apache-2.0
"""The dashboard of sales: a day beside the same weekday before, by hour, department, tender."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select, update

from poser.model import Store, User, UserStore
from poser.trainwreck.model import PosLine
from tests.web.conftest import Browser, Shop, Writer
from tests.web.factories import add_grocery, add_person, add_sale
from web.app import Wsgi

DAY = date(2026, 11, 20)


def cells(text: str) -> list[str]:
    """Give the texts of all cells, without the markup around them."""
    return [cell.partition(">")[2].partition("<")[0] for cell in text.split("<td")[1:]]


def test_a_day_stands_beside_the_same_weekday_before(
    admin: Browser, poser: Writer, trainwreck: Writer
) -> None:
    products = poser(add_grocery)
    at = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)  # 11:30 in Chicago
    week = timedelta(days=7)
    for _ in range(3):
        trainwreck(add_sale, products[:2], ended_at=at)
    trainwreck(add_sale, products[:4], ended_at=at + timedelta(hours=2))
    trainwreck(add_sale, products[:3], business_date=DAY - week, ended_at=at - week)
    trainwreck(add_sale, products[:9], business_date=DAY - timedelta(days=1), ended_at=at)
    trainwreck(add_sale, products[:9], ended_at=at, is_void=True)
    assert admin.get("/sales").status_code == 200
    assert "Friday" in admin.text
    assert "25.00" in admin.text  # 10 things at 2.50
    assert "+233 % against the week before" in admin.text
    assert "+300 % against the week before" in admin.text  # 4 customers instead of 1
    assert '<th scope="row">11:00</th>' in admin.text
    assert '<th scope="row">12:00</th>' in admin.text
    assert '<th scope="row">13:00</th>' in admin.text
    assert '<th scope="row">14:00</th>' not in admin.text
    values = cells(admin.text)
    assert values[:9] == ["15.00", "7.50", "+100 %", "0.00", "0.00", "", "10.00", "0.00", ""]


def test_departments_have_names_and_tenders_sums(
    admin: Browser, poser: Writer, trainwreck: Writer
) -> None:
    products = poser(add_grocery)
    trainwreck(add_sale, products[:3])
    trainwreck(lambda session: session.execute(update(PosLine).values(department_number="2")))
    admin.get("/sales?day=2026-11-20")
    assert '<th scope="row" dir="auto">Dairy</th>' in admin.text
    assert cells(admin.text)[-2:] == ["1", "7.50"]


def test_a_day_without_sales_says_so(admin: Browser, trainwreck: Writer) -> None:
    assert admin.get("/sales").status_code == 200
    assert "No sales on this day." in admin.text
    trainwreck(add_sale, [], total=Decimal(0))
    assert admin.get("/sales?day=2020-01-01").status_code == 200
    assert "No sales on this day." in admin.text


def test_what_is_no_day_or_store_is_refused_in_words(ada: Browser) -> None:
    for query in ("day=yesterday", "day=2026-02-30", "day=0001-01-01", "day=x" + "9" * 500):
        assert ada.get(f"/sales?{query}").status_code == 400, query
        assert "is not a day" in ada.text
    assert ada.get("/sales?store=77").status_code == 400
    assert "There are no sales of store 77" in ada.text


def test_staff_of_one_store_see_its_sales_only(
    app: Wsgi, poser: Writer, trainwreck: Writer
) -> None:
    products = poser(add_grocery)
    trainwreck(add_sale, products[:2])
    trainwreck(add_sale, products[:6], store_number="10")
    poser(add_person, "sid", "pos_transactions.view")

    def limit(session: object) -> None:
        user = session.scalars(select(User).where(User.name == "sid")).one()  # type: ignore[attr-defined]
        store = session.scalars(select(Store).where(Store.number == "9")).one()  # type: ignore[attr-defined]
        user.is_limited_to_stores = True
        session.add(UserStore(user_id=user.id, store_id=store.id))  # type: ignore[attr-defined]

    poser(limit)
    sid = Browser(app)
    sid.sign_in("sid")
    assert sid.get("/sales").status_code == 200
    assert cells(sid.text)[0] == "5.00"
    assert sid.get("/sales?store=10").status_code == 400
    assert "15.00" not in sid.text


def test_the_dashboard_takes_few_statements(shop: Shop, statements: list[str]) -> None:
    browser = shop.browser("ada")
    browser.get("/sales")
    statements.clear()
    assert browser.get("/sales").status_code == 200
    selects = [one for one in statements if one.lstrip().upper().startswith("SELECT")]
    assert len(selects) <= 8, selects
