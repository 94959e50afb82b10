# SPDX-License-Identifier: Apache-2.0
"""Requests that another site makes a browser send change nothing, and no GET ever does."""

import re
from collections import Counter
from collections.abc import Mapping

import pytest
from sqlalchemy import Engine, select, text

from poser.db import transaction
from tests.web.conftest import HOST, Browser, Shop
from web.app import needs_of
from web.pages import find_pages

FORMS = ("/sign-in", "/sign-out", "/preferences")
HONEST = {"Sec-Fetch-Site": "same-origin", "Origin": f"https://{HOST}"}
NOTED = {"user_sessions": "seen_at"}
"""What a GET does write: that a session was used, which is kept to the minute."""
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b\d+\b")
OF_EACH_KIND = 4


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": f"https://{HOST}"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"https://{HOST}.evil.example"},
        {},
    ],
)
def test_a_form_from_elsewhere_is_refused(
    ada: Browser, path: str, headers: Mapping[str, str]
) -> None:
    ada.get("/")
    fields = {"csrf": ada.token(), "density": "dense", "name": "ada"}
    refused = ada.post(path, fields, headers=headers)
    assert refused.status_code == 403
    assert "came from another site" in ada.text
    assert ada.get("/").status_code == 200, "still signed in"


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", [None, "", "0" * 96, "é" * 40])
def test_a_form_without_a_token_of_ours_is_refused(
    ada: Browser, path: str, token: str | None
) -> None:
    fields = {"density": "dense"} if token is None else {"density": "dense", "csrf": token}
    assert ada.post(path, fields).status_code == 403
    assert "This form is too old" in ada.text


def test_the_token_of_somebody_else_is_refused(ada: Browser, sam: Browser) -> None:
    sam.get("/")
    assert ada.post("/preferences", {"density": "dense", "csrf": sam.token()}).status_code == 403


def test_the_token_of_a_stranger_does_not_serve_who_is_in(ada: Browser, shop: Shop) -> None:
    stranger = shop.browser()
    stranger.get("/sign-in")
    fields = {"density": "dense", "csrf": stranger.token()}
    assert ada.post("/preferences", fields).status_code == 403


def test_an_old_browser_that_says_only_its_origin_is_served(ada: Browser) -> None:
    ada.get("/")
    sent = ada.post(
        "/preferences",
        {"density": "dense", "csrf": ada.token(), "next": "/products"},
        headers={"Origin": f"https://{HOST}"},
    )
    assert (sent.status_code, sent.headers["location"]) == (303, "/products")
    ada.get("/products")
    assert 'class="role-store dense ' in ada.text


def test_every_page_has_another_token(ada: Browser) -> None:
    ada.get("/")
    first = ada.token()
    ada.get("/")
    assert ada.token() != first
    assert ada.post("/preferences", {"density": "dense", "csrf": first}).status_code == 303


def test_no_get_changes_anything(shop: Shop) -> None:
    before = _contents(shop)
    browser = shop.browser("ada")
    seen: set[str] = set()
    todo = ["/"]
    sent_to: set[str] = set()
    kinds: Counter[str] = Counter()
    while todo:
        path = todo.pop(0)
        seen.add(path)
        # Every kind of page, and a few of each: a filter more is no other page.
        kind = ID.sub("{key}", path.partition("?")[0])
        kinds[kind] += 1
        if kinds[kind] > OF_EACH_KIND:
            continue
        result = browser.get(path)
        # Where forms send to may want what stands in the form; a link leads somewhere.
        assert result.status_code in ({200, 303, 405} | ({404} if path in sent_to else set())), path
        sent_to |= set(re.findall(r'action="(/[^"#]*)"', browser.text))
        found = re.findall(r'(?:href|action|src)="(/[^"#]*)"', browser.text)
        found.append(result.headers.get("location", "/"))
        todo += [each for each in dict.fromkeys(found) if each not in seen and each not in todo]
    assert len(seen) > 250
    assert any(path.startswith("/products/") for path in seen)
    assert any(path.startswith("/pos-transactions.csv") for path in seen)
    assert _contents(shop) == before


def test_no_address_changes_anything_when_it_is_only_asked_for(shop: Shop) -> None:
    """Those that no link leads to, too, and each with a record that there is."""
    before = _contents(shop)
    ada = shop.browser("ada")
    first: dict[str, str] = {}
    for resource in shop.site.resources.values():
        with transaction(shop.site.engines[resource.database], read_only=True) as session:
            first[resource.path] = str(session.scalar(select(resource.table.c.id).limit(1)))
    templates = needs_of(find_pages(shop.site).routes)
    reached = 0
    for template in templates:
        path = template.replace("/api/v1", "").partition("/{")[0]
        key = first.get(path, "None")
        key = key if key != "None" else str(shop.sales[0].id)
        address = re.sub(r"\{[^}]*\}", "1", template.replace("{key:uuid}", key))
        for method in ("GET", "HEAD"):
            status = ada._ask(method, address).status_code
            assert status < 500, (method, template)
            reached += status == 200
    assert reached > 500
    assert _contents(shop) == before


def _contents(shop: Shop) -> dict[str, str]:
    """Hash every table of both databases, but for what a GET may note."""
    return {
        f"{name}.{table}": _hash(engine, table)
        for name, engine in shop.site.engines.items()
        for table in _tables(engine)
    }


def _tables(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        )
        return sorted(found.scalars())


def _hash(engine: Engine, table: str) -> str:
    noted = NOTED.get(table, "")
    rows = f"SELECT (to_jsonb(t) - '{noted}')::text AS row FROM {table} t"  # noqa: S608 - ours
    whole = "SELECT count(*) || md5(coalesce(string_agg(row, '|' ORDER BY row), ''))"
    with engine.connect() as connection:
        return str(connection.scalar(text(f"{whole} FROM ({rows}) AS rows")))
