# SPDX-License-Identifier: Apache-2.0
"""Error pages: the right status, words a person understands, and a reference in the log."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import falcon
import pytest
from sqlalchemy import Engine, text

from poser.db import engine
from tests.web.conftest import Browser, Shop
from web.app import create_app
from web.pages import Pages, find_pages
from web.permissions import Anyone, Route
from web.visits import visit

NOWHERE = "postgresql+psycopg2://poser@/poser?host=/nonexistent"


def page(answer: Callable[[falcon.Request], object]) -> object:
    class Page:
        def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
            resp.media = answer(req)

    return Page()


def browser_with(
    shop: Shop,
    answer: Callable[[falcon.Request], object],
    engines: Mapping[str, Engine] | None = None,
) -> Browser:
    """Give a browser of an app that has one more page, at /trial."""
    site = replace(shop.site, engines=engines or shop.site.engines)
    found = find_pages(site)
    routes = (*found.routes, Route(path="/trial", page=page(answer), need=Anyone.PUBLIC))
    return Browser(create_app(site, Pages(routes=routes, menu=())), dict(shop.cookies["ada"]))


def reference(browser: Browser) -> str:
    found = re.search(r"Reference <code>([2-9A-Z]{8})</code>", browser.text)
    assert found
    return found[1]


def test_a_fault_of_ours_shows_a_reference_that_finds_the_traceback(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_req: falcon.Request) -> object:
        raise KeyError("the secret of the house")

    browser = browser_with(shop, fail)
    assert browser.get("/trial").status_code == 500
    assert "Something broke on our side" in browser.text
    assert "secret of the house" not in browser.text
    (record,) = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert vars(record)["reference"] == reference(browser)
    assert record.exc_info
    assert record.exc_info[0] is KeyError


def test_a_statement_that_takes_too_long_is_called_too_broad(shop: Shop) -> None:
    def dawdle(req: falcon.Request) -> object:
        session = visit(req).read()
        session.execute(text("SET LOCAL statement_timeout = 50"))
        return str(session.scalar(text("SELECT pg_sleep(5)")))

    browser = browser_with(shop, dawdle)
    assert browser.get("/trial").status_code == 422
    assert "That is too broad" in browser.text
    assert "Add a letter or a word" in browser.text


def test_each_statement_of_a_page_may_take_three_seconds(shop: Shop) -> None:
    browser = browser_with(
        shop, lambda req: visit(req).read().scalar(text("SHOW statement_timeout"))
    )
    assert browser.get("/trial").json == "3s"


def test_a_page_cannot_write(shop: Shop) -> None:
    browser = browser_with(
        shop, lambda req: visit(req).read().scalar(text("DELETE FROM products RETURNING id"))
    )
    assert browser.get("/trial").status_code == 500
    assert "Nothing was changed" in browser.text


def test_a_dead_database_is_said_and_tried_again(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    browser = browser_with(
        shop, lambda req: visit(req).read().scalar(text("SELECT 1")),
        engines={"poser": engine(NOWHERE), "trainwreck": engine(NOWHERE)},
    )  # fmt: skip
    for path in ("/trial", "/products", "/"):
        answer = browser.get(path)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert "The database does not answer" in browser.text
    assert browser.get("/health").json["databases"] == {"poser": "failing", "trainwreck": "failing"}
    assert browser.get("/health").status_code == 503
    assert any(vars(r).get("reference") for r in caplog.records)


def test_without_the_database_of_pos_transactions_products_are_still_shown(shop: Shop) -> None:
    engines = {**shop.site.engines, "trainwreck": engine(NOWHERE)}
    browser = browser_with(shop, str, engines=engines)
    assert browser.get(f"/products/{shop.products[0].id}").status_code == 200
    assert "does not answer just now" in browser.text
    assert browser.get("/").status_code == 200
    assert "not available" in browser.text
    assert browser.get("/pos-transactions").status_code == 503


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere", "/products/", "/products/7", "/products/00000000-0000-0000-0000-000000000000",
        "/pos-transactions/00000000-0000-0000-0000-000000000000", "/static/../app.py",
        "/static/%2e%2e/app.py", "/static/app.css",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(ada: Browser, path: str) -> None:
    assert ada.get(path).status_code == 404
    assert "There is no such page" in ada.text
    assert "Signed in as" in ada.text, "a user stays one on an error page"


def test_a_page_refuses_what_it_does_not_do(ada: Browser) -> None:
    ada.get("/")
    assert ada.post("/products", {"csrf": ada.token()}).status_code == 405
    assert ada.get("/sign-out").status_code == 405


def test_head_is_answered_like_get_without_a_body(ada: Browser) -> None:
    head, get = ada._ask("HEAD", "/products"), ada._ask("GET", "/products")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Length": str((1 << 20) + 1)}, "x", 413),
        ({"Content-Length": str(1 << 30)}, "x", 413),
        ({"Content-Type": "application/json"}, "{}", 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, "--x--", 415),
        ({"Content-Length": "50"}, "csrf=1", 408),
        ({}, "csrf=%ff%fe", 400),
        ({}, "name=é", 400),
        ({}, "no equals sign", 400),
        ({}, "&".join(f"f{n}=1" for n in range(500)), 400),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(
    shop: Shop, headers: dict[str, str], body: str, status: int
) -> None:
    browser = shop.browser("ada")
    answer = browser._remember(
        browser._ask(
            "POST",
            "/preferences",
            body=body.encode(),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Sec-Fetch-Site": "same-origin",
                **headers,
            },
        )
    )
    assert answer.status_code == status
    assert "Reference" in browser.text
