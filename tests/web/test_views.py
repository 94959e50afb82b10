# SPDX-License-Identifier: Apache-2.0
"""Named views: saved, shown by a tab, written over, shared, usual, pinned, deleted."""

from urllib.parse import quote

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.model import GridView, User, UserRole
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person
from web.app import Wsgi

QUERY = "name.contains=a&sort=-name&cols=name%2Cterms"


def save(browser: Browser, name: str, query: str = QUERY, **more: str) -> str:
    """Save a view as a person does and give its address."""
    assert browser.get(f"/views?grid=/vendors&query={quote(query)}").status_code == 200
    fields = {"csrf": browser.token(), "grid": "/vendors", "query": query, "name": name, **more}
    answer = browser.post("/views", fields)
    assert answer.status_code == 303, browser.text
    return str(answer.headers["location"])


@pytest.fixture
def buyer(app: Wsgi, poser: Writer) -> Browser:
    """Somebody who may see vendors and share nothing."""
    poser(add_person, "bob", "vendors.view")
    browser = Browser(app)
    assert browser.sign_in("bob").status_code == 303
    return browser


def tabs(browser: Browser, path: str = "/vendors?view=none") -> str:
    assert browser.get(path).status_code == 200
    return browser.text.partition('<div class="views"')[2].partition("</div>")[0]


def test_a_view_is_saved_and_shown_with_all_its_state(buyer: Browser) -> None:
    address = save(buyer, "  By   name ")
    assert address.startswith(f"/vendors?{QUERY}&view=")
    shown = tabs(buyer, address)
    assert "<bdi>By name</bdi>" in shown
    assert "changed" not in shown
    assert "Saved as a view: By name" not in tabs(buyer)


def test_a_view_that_was_changed_says_so_and_can_be_written_over(buyer: Browser) -> None:
    address = save(buyer, "Mine")
    changed = tabs(buyer, address.replace("sort=-name", "sort=name"))
    assert "changed" in changed
    assert f'href="{address}"' in changed
    key = address.rpartition("=")[2]
    fields = {"csrf": buyer.token(), "do": "keep", "query": "sort=number"}
    answer = buyer.post(f"/views/{key}", fields)
    assert answer.headers["location"] == f"/vendors?sort=number&view={key}"
    assert "changed" not in tabs(buyer, answer.headers["location"])


def test_the_usual_view_is_shown_when_a_list_is_opened(buyer: Browser, poser: Writer) -> None:
    first = save(buyer, "One", default="1")
    second = save(buyer, "Two", default="1")
    assert buyer.get("/vendors").headers["location"] == second
    assert buyer.get("/vendors?view=none").status_code == 200
    assert buyer.get("/vendors?sort=number").status_code == 200
    kept = poser(lambda s: s.scalars(select(GridView.name).where(GridView.is_default)).all())
    assert kept == ["Two"]
    assert first != second


def test_nobody_sees_the_views_of_others(admin: Browser, buyer: Browser) -> None:
    save(admin, "Of Ada")
    assert "Of Ada" not in buyer.get("/vendors").text
    save(admin, "Of all", whose="everybody")
    assert "Of all" in tabs(buyer)


def test_a_user_role_shares_a_view(admin: Browser, buyer: Browser, poser: Writer) -> None:
    role = poser(
        lambda s: s.scalars(select(UserRole).where(UserRole.name == "bob's role")).one().id
    )
    save(admin, "For buyers", whose=str(role))
    assert "For buyers" in tabs(buyer)


@pytest.mark.parametrize("whose", ["everybody", "role"])
def test_sharing_needs_a_right_of_its_own(buyer: Browser, poser: Writer, whose: str) -> None:
    if whose == "role":
        whose = str(poser(lambda s: s.scalars(select(UserRole.id)).first()))
    buyer.get("/views?grid=/vendors")
    fields = {"csrf": buyer.token(), "grid": "/vendors", "name": "x", "whose": whose}
    assert buyer.post("/views", fields).status_code == 403
    assert "views.share" in buyer.text


def test_views_of_all_are_changed_by_those_who_may_share_only(
    admin: Browser, buyer: Browser, poser: Writer
) -> None:
    address = save(admin, "Of all", whose="everybody")
    path = "/views/" + address.rpartition("=")[2]
    buyer.get("/views?grid=/vendors")
    assert "Of all" in buyer.text
    token = buyer.token()
    for do in ("delete", "keep", "change"):
        assert buyer.post(path, {"csrf": token, "do": do, "name": "y"}).status_code == 403
    kept = poser(lambda s: s.scalars(select(GridView)).one())
    assert (kept.name, kept.query) == ("Of all", QUERY)


def test_the_view_of_somebody_else_is_not_there(admin: Browser, buyer: Browser) -> None:
    path = "/views/" + save(admin, "Of Ada").rpartition("=")[2]
    buyer.get("/views?grid=/vendors")
    assert buyer.post(path, {"csrf": buyer.token(), "do": "delete"}).status_code == 404


def test_a_view_is_renamed_and_deleted(buyer: Browser, poser: Writer) -> None:
    path = "/views/" + save(buyer, "Old").rpartition("=")[2]
    buyer.get("/views?grid=/vendors")
    token = buyer.token()
    buyer.post(path, {"csrf": token, "do": "change", "name": "New", "pinned": "1"})
    kept = poser(lambda s: s.scalars(select(GridView)).one())
    assert (kept.name, kept.is_pinned, kept.query) == ("New", True, QUERY)
    answer = buyer.post(path, {"csrf": token, "do": "delete"})
    assert answer.headers["location"] == "/vendors?view=none"
    assert poser(lambda s: s.scalars(select(GridView)).all()) == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": " "}, 400),
        ({"name": "x", "grid": "//evil"}, 400),
        ({"name": "x", "grid": "javascript:alert(1)"}, 400),
        ({"name": "x", "whose": "nobody"}, 403),
    ],
)
def test_what_is_no_view_is_refused(
    buyer: Browser, poser: Writer, fields: dict[str, str], status: int
) -> None:
    buyer.get("/views?grid=/vendors")
    sent = {"csrf": buyer.token(), "grid": "/vendors", **fields}
    assert buyer.post("/views", sent).status_code == status
    assert poser(lambda s: s.scalars(select(GridView)).all()) == []


def test_one_name_stands_for_one_view(buyer: Browser) -> None:
    save(buyer, "Twice")
    buyer.get("/views?grid=/vendors")
    sent = {"csrf": buyer.token(), "grid": "/vendors", "name": "Twice", "query": ""}
    assert buyer.post("/views", sent).status_code == 409
    assert "This view was not saved" in buyer.text


def test_a_view_goes_with_its_user(buyer: Browser, poser: Writer) -> None:
    save(buyer, "Mine")

    def leave(session: Session) -> None:
        session.delete(session.scalars(select(User).where(User.name == "bob")).one())

    poser(leave)
    assert poser(lambda s: s.scalars(select(GridView)).all()) == []


def test_a_pinned_view_is_on_the_first_page_of_those_who_may_see_its_list(
    admin: Browser, buyer: Browser, app: Wsgi, poser: Writer
) -> None:
    address = save(admin, "To order", whose="everybody", pinned="1")
    save(admin, "Not pinned", whose="everybody")
    poser(add_person, "sam", "products.view")
    sam = Browser(app)
    sam.sign_in("sam")
    for browser, sees in ((admin, True), (buyer, True), (sam, False)):
        assert browser.get("/").status_code == 200
        assert (f'href="{address}"' in browser.text) is sees
        assert "<bdi>Not pinned" not in browser.text
