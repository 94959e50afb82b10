# SPDX-License-Identifier: Apache-2.0
"""Many records at once: chosen, looked at, changed or deleted, and nothing else."""

import re

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from poser.model import Vendor, VendorItem
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person, add_product
from web.app import Wsgi
from web.resources import many


@pytest.fixture
def keys(poser: Writer) -> dict[str, str]:
    """Add three vendors and give their ids by number."""

    def add(session: Session) -> dict[str, str]:
        rows = [
            Vendor(number=str(n), name=f"Vendor {n}", terms="net 30" if n == 1 else "")
            for n in (1, 2, 3)
        ]
        session.add_all(rows)
        session.flush()
        return {row.number: str(row.id) for row in rows}

    return poser(add)


def terms(poser: Writer) -> dict[str, str]:
    return poser(
        lambda s: {row.number: row.terms for row in s.execute(select(Vendor.number, Vendor.terms))}
    )


def ticks(keys: dict[str, str], *numbers: str) -> dict[str, str]:
    return {f"key-{keys[number]}": "1" for number in numbers}


def hidden(browser: Browser) -> dict[str, str]:
    """Read what the form of the page that is open would send."""
    form = browser.text.partition('class="card fields"')[2].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return dict(found)


def step(browser: Browser, path: str, **more: str) -> int:
    return int(browser.post(path, {**hidden(browser), **more}).status_code)


def start(browser: Browser, fields: dict[str, str], path: str = "/vendors/change") -> int:
    browser.get("/vendors")
    return int(browser.post(path, {"csrf": browser.token(), **fields}).status_code)


def test_a_field_of_the_ticked_rows_is_changed_after_a_look(
    admin: Browser, poser: Writer, keys: dict[str, str]
) -> None:
    assert start(admin, ticks(keys, "1", "2")) == 200
    assert 'name="field"' in admin.text
    assert step(admin, "/vendors/change", field="terms") == 200
    assert 'name="terms"' in admin.text
    assert step(admin, "/vendors/change", terms="net 30") == 200
    assert "Terms becomes “net 30” in 1 rows. 1 have it already." in admin.text
    assert "Vendor 2" in admin.text
    assert "Vendor 3" not in admin.text
    assert terms(poser) == {"1": "net 30", "2": "", "3": ""}
    assert step(admin, "/vendors/change", do="execute") == 303
    assert terms(poser) == {"1": "net 30", "2": "net 30", "3": ""}


def undo(browser: Browser) -> int:
    """Press the button beside the words that say what was done."""
    browser.get("/vendors")
    found = re.search(r'<form action="(/history/[^"]+)" method="post">', browser.text)
    assert found, "there is no way back"
    return int(browser.post(found[1], {"csrf": browser.token()}).status_code)


def test_what_was_done_to_many_rows_is_undone_by_one_button(
    admin: Browser, poser: Writer, keys: dict[str, str]
) -> None:
    start(admin, ticks(keys, "1", "2"))
    step(admin, "/vendors/change", field="terms")
    step(admin, "/vendors/change", terms="net 90")
    assert step(admin, "/vendors/change", do="execute") == 303
    assert terms(poser) == {"1": "net 90", "2": "net 90", "3": ""}
    assert undo(admin) == 303
    assert terms(poser) == {"1": "net 30", "2": "", "3": ""}
    start(admin, ticks(keys, "1", "3"), "/vendors/delete")
    assert step(admin, "/vendors/delete", do="execute") == 303
    assert terms(poser) == {"2": ""}
    assert undo(admin) == 303
    assert terms(poser) == {"1": "net 30", "2": "", "3": ""}


def test_who_may_not_see_the_history_is_offered_no_way_back(
    clerk: Browser, keys: dict[str, str]
) -> None:
    start(clerk, ticks(keys, "1", "2"))
    step(clerk, "/vendors/change", field="terms")
    step(clerk, "/vendors/change", terms="net 90")
    assert step(clerk, "/vendors/change", do="execute") == 303
    clerk.get("/vendors")
    assert "Changed terms of 2 vendors." in clerk.text
    assert 'action="/history/' not in clerk.text


@pytest.mark.usefixtures("keys")
def test_all_rows_that_match_are_changed(admin: Browser, poser: Writer) -> None:
    start(admin, {"all": "1", "query": "number.in=2,3&sort=-name"})
    step(admin, "/vendors/change", field="terms")
    step(admin, "/vendors/change", terms="prepaid")
    assert "in 2 rows" in admin.text
    assert step(admin, "/vendors/change", do="execute") == 303
    assert terms(poser) == {"1": "net 30", "2": "prepaid", "3": "prepaid"}


@pytest.mark.usefixtures("keys")
def test_rows_that_changed_meanwhile_are_shown_again(admin: Browser, poser: Writer) -> None:
    start(admin, {"all": "1", "query": ""})
    step(admin, "/vendors/change", field="terms")
    step(admin, "/vendors/change", terms="net 30")
    poser(lambda s: s.execute(update(Vendor).where(Vendor.number == "3").values(terms="net 30")))
    assert step(admin, "/vendors/change", do="execute") == 200
    assert "The rows changed meanwhile. Nothing was done: look again." in admin.text
    assert terms(poser) == {"1": "net 30", "2": "", "3": "net 30"}
    assert step(admin, "/vendors/change", do="execute") == 303
    assert terms(poser)["2"] == "net 30"


def test_a_value_that_makes_no_sense_is_said_beside_its_box(
    admin: Browser, keys: dict[str, str]
) -> None:
    start(admin, ticks(keys, "1"))
    step(admin, "/vendors/change", field="lead_time_days")
    assert step(admin, "/vendors/change", lead_time_days="soon") == 200
    assert 'name="lead_time_days"' in admin.text
    assert "Lead time, days: " in admin.text


def test_a_rule_of_the_database_refuses_all_of_it(
    admin: Browser, poser: Writer, keys: dict[str, str]
) -> None:
    start(admin, ticks(keys, "1", "2"))
    step(admin, "/vendors/change", field="number")
    step(admin, "/vendors/change", number="7")
    assert step(admin, "/vendors/change", do="execute") == 200
    assert "there is one already with number 7" in admin.text
    assert set(terms(poser)) == {"1", "2", "3"}


def test_rows_are_deleted_after_a_look(admin: Browser, poser: Writer, keys: dict[str, str]) -> None:
    assert start(admin, ticks(keys, "1", "3"), "/vendors/delete") == 200
    assert "2 vendors will be deleted." in admin.text
    assert len(terms(poser)) == 3
    assert step(admin, "/vendors/delete", do="execute") == 303
    assert set(terms(poser)) == {"2"}


def test_rows_in_use_are_not_deleted(admin: Browser, poser: Writer, keys: dict[str, str]) -> None:
    def use(session: Session) -> None:
        product = add_product(session)
        session.add(VendorItem(vendor_id=keys["1"], product_id=product.id, code="x"))

    poser(use)
    start(admin, ticks(keys, "1", "2"), "/vendors/delete")
    assert step(admin, "/vendors/delete", do="execute") == 200
    assert "cannot be deleted" in admin.text
    assert len(terms(poser)) == 3


@pytest.mark.usefixtures("keys")
def test_more_rows_than_one_may_answer_for_are_refused(
    admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "MOST_CHOSEN", 2)
    monkeypatch.setattr("web.resources.choice.MOST_CHOSEN", 2)
    assert start(admin, {"all": "1", "query": ""}, "/vendors/delete") == 400
    assert "At most 2 rows" in admin.text


@pytest.mark.parametrize("fields", [{}, {"key-nothing": "1"}, {"all": "yes"}])
def test_nothing_chosen_is_said(admin: Browser, fields: dict[str, str]) -> None:
    assert start(admin, fields, "/vendors/delete") == 400
    assert "No row was chosen" in admin.text


@pytest.fixture
def clerk(app: Wsgi, poser: Writer) -> Browser:
    """Somebody who may see vendors and change them, and delete none."""
    poser(add_person, "cleo", "vendors.view", "vendors.edit")
    browser = Browser(app)
    browser.sign_in("cleo")
    return browser


def test_each_deed_needs_its_right(clerk: Browser, poser: Writer, keys: dict[str, str]) -> None:
    clerk.get("/vendors")
    assert "Change a field" in clerk.text
    assert 'formaction="/vendors/delete"' not in clerk.text
    assert start(clerk, ticks(keys, "1"), "/vendors/delete") == 403
    assert start(clerk, ticks(keys, "1")) == 200
    assert len(terms(poser)) == 3


def test_fields_that_are_not_offered_are_not_written(
    admin: Browser, poser: Writer, keys: dict[str, str]
) -> None:
    for field in ("id", "created_at", "password_hash", "search"):
        start(admin, {**ticks(keys, "1"), "field": field, f"was.{field}": "", field: "x"})
        assert 'name="field"' in admin.text
    assert len(terms(poser)) == 3
