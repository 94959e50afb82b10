# SPDX-License-Identifier: Apache-2.0
"""Filters that people put together: every verb of every kind of column, groups, and bad input."""

from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

import pytest
from sqlalchemy import delete, select

from poser.db import transaction
from poser.model import GridView, Subdepartment, User, Vendor
from tests.web.conftest import Shop
from tests.web.test_grid import column, table
from web.grid.counting import Counts
from web.grid.days import NoDay, Span, day_of, span_of
from web.grid.loading import load_page
from web.grid.reader import Reader
from web.grid.view import read_view
from web.resources import Area, Resource
from web.visits import Visitor

ROWS = 200


@pytest.fixture(scope="module")
def vendors(shop: Shop) -> Iterator[Shop]:
    """Give the shop a few vendors, and take them away again."""
    rows = [
        Vendor(number="1", name="Acme Foods", terms="net 30", lead_time_days=3,
               discount_percent=2, abbreviation="AC"),
        Vendor(number="2", name="Bäcker & Söhne", terms="net 10", lead_time_days=10),
        Vendor(number="3", name="100 % Organic", terms="", is_archived=True),
        Vendor(number="10", name="Zenith", terms="Prepaid", lead_time_days=1,
               discount_percent=5),
    ]  # fmt: skip
    with transaction(shop.site.engines["poser"]) as session:
        session.add_all(rows)
    yield shop
    with transaction(shop.site.engines["poser"]) as session:
        for row in rows:
            session.delete(session.merge(row))


ACME, BAKER, ORGANIC, ZENITH = "Acme Foods", "Bäcker & Söhne", "100 % Organic", "Zenith"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name.contains=FOODS+acme", {ACME}),
        ("name.contains=%25", {ORGANIC}),
        ("name.contains=BÄCKER", {BAKER}),
        ("name.contains_not=e", {ORGANIC}),
        ("name.contains_any=zen,acme", {ACME, ZENITH}),
        ("name.is=zenith", {ZENITH}),
        ("name.is_not=zenith", {ACME, BAKER, ORGANIC}),
        ("number.in=1,10", {ACME, ZENITH}),
        ("number.in=1%0A10", {ACME, ZENITH}),
        ("number.not_in=1,10", {BAKER, ORGANIC}),
        ("name.starts=b", {BAKER}),
        ("name.ends=HNE", {BAKER}),
        ("terms.empty=1", {ORGANIC}),
        ("terms.filled=1", {ACME, BAKER, ZENITH}),
        ("lead_time_days.is=3", {ACME}),
        ("lead_time_days.is_not=3", {BAKER, ORGANIC, ZENITH}),
        ("lead_time_days.over=3", {BAKER}),
        ("lead_time_days.from=3", {ACME, BAKER}),
        ("lead_time_days.under=3", {ZENITH}),
        ("lead_time_days.to=3", {ACME, ZENITH}),
        ("lead_time_days.between=2..10", {ACME, BAKER}),
        ("lead_time_days.between=..3", {ACME, ZENITH}),
        ("lead_time_days.empty=1", {ORGANIC}),
        ("lead_time_days.in=1,3", {ACME, ZENITH}),
        ("discount_percent.over=2.5", {ZENITH}),
        ("is_archived.is=yes", {ORGANIC}),
        ("is_archived.is=no", {ACME, BAKER, ZENITH}),
        ("modified_at.within=today", {ACME, BAKER, ORGANIC, ZENITH}),
        ("modified_at.before=today", set()),
        ("modified_at.after=yesterday", {ACME, BAKER, ORGANIC, ZENITH}),
        ("modified_at.between=today-1..today%2B1", {ACME, BAKER, ORGANIC, ZENITH}),
        ("modified_at.is_not=today", set()),
        ("name.contains=e&terms.contains=net", {ACME, BAKER}),
        ("or1.name.is=zenith&or1.lead_time_days.is=3", {ACME, ZENITH}),
        ("or1.name.is=zenith&or1.name.starts=b&terms.contains=net", {BAKER}),
        ("or1.number.is=1&or1.number.is=2&or2.number.is=2&or2.number.is=10", {BAKER}),
        ("name.contains=a&name.contains=c", {ACME, ORGANIC}),
    ],
)
def test_a_condition_lets_through_what_it_says(vendors: Shop, query: str, found: set[str]) -> None:
    names = column(vendors.browser("ada"), f"/vendors?archived=any&rows={ROWS}&{query}", "Name")
    assert set(names) == found


@pytest.mark.parametrize(
    "query",
    [
        "secret.is=1", "name.looks=x", "password_hash.is=x", "lead_time_days.over=many",
        "lead_time_days.between=5", "lead_time_days.is=1e999999", "lead_time_days.is=NaN",
        "modified_at.before=soon", "modified_at.within=last_light", "is_archived.is=perhaps",
        "modified_at.within=last_99999_days_", "name.contains=" + "x" * 101,
        "name.in=" + "x" * 10_000, "name.in=" + ",".join(map(str, range(300))), "name.in=,",
        "&".join(f"name.contains={n}" for n in range(31)), "or9.name.is=x&name.is.x=1&x.y=1",
        "cols=nothing", "sort=name,name,terms,number,modified_at,lead_time_days,password",
        "sort=number,name,terms,modified_at,lead_time_days",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said(vendors: Shop, query: str) -> None:
    browser = vendors.browser("ada")
    assert browser.get(f"/vendors?{query}").status_code == 400
    assert "This list does not offer that" in browser.text


def test_days_far_away_are_no_error(vendors: Shop) -> None:
    browser = vendors.browser("ada")
    for day in ("0001-01-01", "9999-12-31", "today-99999", "today+99999"):
        for verb in ("before", "after", "is", "to", "from", "is_not"):
            path = f"/vendors?modified_at.{verb}={quote(day)}"
            assert browser.get(path).status_code == 200, path


def test_filters_that_are_on_are_said_and_can_be_taken_away(vendors: Shop) -> None:
    browser = vendors.browser("ada")
    browser.get(
        "/vendors?name.contains=acme&or1.terms.empty=1&or1.lead_time_days.over=1&sort=-name"
    )
    assert "Name contains acme" in browser.text
    assert "A: Terms is empty" in browser.text
    assert 'href="/vendors?or1.terms.empty=1&or1.lead_time_days.over=1&sort=-name"' in browser.text


def test_a_filter_is_put_together_by_forms_alone(vendors: Shop) -> None:
    browser = vendors.browser("ada")
    browser.get("/vendors?sort=-name")
    assert 'name="f"' not in browser.text, "forms that nobody opened are not there"
    assert 'href="/vendors?sort=-name&tool=filter"' in browser.text
    browser.get("/vendors?sort=-name&tool=filter")
    assert 'name="f"' in browser.text
    browser.get("/vendors?f=lead_time_days&sort=-name")
    assert 'name="v"' in browser.text
    assert "is between" in browser.text
    answer = browser.get("/vendors?f=lead_time_days&v=between&x=2&y=10&sort=-name")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/vendors?lead_time_days.between=2..10&sort=-name"
    answer = browser.get("/vendors?name.is=x&f=terms&v=empty&g=1")
    assert answer.headers["location"] == "/vendors?name.is=x&or1.terms.empty=1"


def test_several_columns_order_by_a_form(vendors: Shop) -> None:
    browser = vendors.browser("ada")
    browser.get("/vendors?tool=order")
    assert browser.text.count('name="s"') == 2
    answer = browser.get("/vendors?s=terms&s=-name&s=&archived=any&terms.contains=net")
    address = answer.headers["location"]
    assert address == "/vendors?archived=any&terms.contains=net&sort=terms%2C-name"
    assert column(browser, address, "Name") == [BAKER, ACME]


def test_columns_are_chosen_by_a_form(vendors: Shop) -> None:
    browser = vendors.browser("ada")
    browser.get("/vendors?tool=columns")
    assert 'name="col" value="currency"' in browser.text
    answer = browser.get("/vendors?col=name&col=currency&name.is=acme+foods")
    address = answer.headers["location"]
    assert address == "/vendors?name.is=acme+foods&cols=name%2Ccurrency"
    assert table(browser, address) == [{"Name": ACME}]
    assert ">Currency<" in browser.text
    assert browser.get("/vendors?cols=name&reset=1").headers["location"] == "/vendors"
    browser.get("/vendors?cols=gone,name")
    assert ">Terms<" not in browser.text.split("<tbody")[0].split("<thead")[1]


def test_an_exact_code_leads_straight_to_its_record(vendors: Shop) -> None:
    browser = vendors.browser("ada")
    acme = browser.get("/vendors?go=1&q=1").headers["location"]
    assert acme.startswith("/vendors/")
    assert browser.get("/vendors?go=1&q=acme").headers["location"] == "/vendors?q=acme"
    shop_code = vendors.products[4].gtin
    direct = browser.get(f"/products?go=1&q={shop_code}").headers["location"]
    assert direct == f"/products/{vendors.products[4].id}"


def test_references_are_filtered_by_how_they_are_called(shop: Shop) -> None:
    browser = shop.browser("ada")
    dairy = shop.products[4].department_id
    with transaction(shop.site.engines["poser"]) as session:
        rows = [
            Subdepartment(number="1", name="Milk", department_id=dairy),
            Subdepartment(number="2", name="Odds", department_id=None),
        ]
        session.add_all(rows)
    for query, found in {
        "department_id.contains=air": ["Milk"],
        "department_id.is=dairy": ["Milk"],
        f"department_id.is={dairy}": ["Milk"],
        "department_id.is_not=dairy": ["Odds"],
        "department_id.is_not=bakery": ["Milk", "Odds"],
        "department_id.empty=1": ["Odds"],
    }.items():
        assert column(browser, f"/subdepartments?sort=name&{query}", "Name") == found, query
    with transaction(shop.site.engines["poser"]) as session:
        for row in rows:
            session.delete(session.merge(row))


def test_me_is_who_reads(shop: Shop) -> None:
    with transaction(shop.site.engines["poser"]) as session:
        people = {row.name: row.id for row in session.execute(select(User.name, User.id))}
        session.add_all(
            GridView(grid="/notes", name=name, user_id=key) for name, key in people.items()
        )
    view = Resource(
        model=GridView, path="/x", title="x", one="x", many="x", icon="x", area=Area.WORK,
        about="x", empty="x", label="name", order="name", is_small=True,
        columns=("name", "user_id"),
    ).grid  # fmt: skip
    reader = Reader(visitor=Visitor(user_id=people["sam"]), today=TODAY)
    with transaction(shop.site.engines["poser"]) as session:
        for verb, found in {"me": {"sam"}, "not_me": set(people) - {"sam"}}.items():
            asked = read_view(view, {f"user_id.{verb}": "1", "rows": "200"}, reader)
            assert {r.name for r in load_page(session, Counts(), asked).rows} == found
        session.execute(delete(GridView))


TODAY = date(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("today", "2026-11-22", "2026-11-22"),
        ("this_week", "2026-11-16", "2026-11-22"),
        ("last_week", "2026-11-09", "2026-11-15"),
        ("this_month", "2026-11-01", "2026-11-30"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("next_month", "2026-12-01", "2026-12-31"),
        ("this_quarter", "2026-10-01", "2026-12-31"),
        ("last_quarter", "2026-07-01", "2026-09-30"),
        ("this_year", "2026-01-01", "2026-12-31"),
        ("last_year", "2025-01-01", "2025-12-31"),
        ("last_7_days", "2026-11-16", "2026-11-22"),
        ("next_2_days", "2026-11-22", "2026-11-23"),
    ],
)
def test_spans_of_days_are_those_of_the_calendar(word: str, first: str, last: str) -> None:
    assert span_of(word, TODAY) == Span(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("word", ["", "next_light", "last_x_days", "2026-02-30", "today+", "x"])
def test_what_is_no_day_is_refused(word: str) -> None:
    with pytest.raises(NoDay):
        span_of(word, TODAY)
    with pytest.raises(NoDay):
        day_of(word, TODAY)
