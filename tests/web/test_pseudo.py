# SPDX-License-Identifier: Apache-2.0
"""In the language that nobody speaks, each text of pages is in brackets: none was forgotten."""

import re
from html.parser import HTMLParser

import pytest

from tests.web.conftest import Browser, Shop
from web import pseudo
from web.pages import find_pages

OWN = {"store-1", "ada", "English", "Deutsch", "Esc", "Ctrl K", "j k", "x", "e", "c"}
"""Names: of the node, the user, the languages, the keys."""

PAGES = ("/help", "/help?of=/vendors", "/help/keys", "/nowhere")
SHOWN = ("aria-label", "placeholder", "title")


NAMES = {"CSV", "XLSX", "Product", "UTC", "OpenAPI 3.1", "poslog", "no", "cash"}
"""Names: of formats, models, import handlers and tenders, and an option's value as it is typed."""
ROWS = {"Bakery", "Dairy", "Frozen", "Grocery", "Household", "Meat", "Produce"}
"""Departments of the shop that tests have."""
USER_ROLES = {"Anyone", "Administrators", "Signed in", "ada's role", "sam's role"}
KEY = re.compile(r"[a-z_]+(\.[a-z_]+)?|falcon-client/[\d.]+")
"""Keys of permissions, groups of settings; the browser of a session."""


class Texts(HTMLParser):
    """Collects what people read on a page, but what they or the database wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside.append(tag)
        self.found += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "title", "code", "time"} & set(self._inside):
            self.found.append(data)


def _raw(page: str) -> list[str]:
    texts = Texts()
    texts.feed(re.sub(r"⟦[^⟦⟧]*(?:⟦[^⟦⟧]*⟧[^⟦⟧]*)*⟧", "", re.sub(r"<[^>]*>", _kept, page)))
    return [
        text.strip()
        for text in texts.found
        if re.search(r"[A-Za-z]{2}", text) and text.strip() not in OWN
    ]


def _kept(tag: re.Match[str]) -> str:
    return tag[0].replace("⟦", "").replace("⟧", "") if "⟦" not in tag[0] else "<i>"


@pytest.mark.parametrize("path", PAGES)
def test_no_text_of_these_pages_is_raw(shop: Shop, path: str) -> None:
    browser: Browser = shop.browser("ada")
    assert len(_raw(browser.get(path).text)) > 10, "raw text is noticed"
    browser.cookies["__Host-poser-language"] = pseudo.LANGUAGE
    page = browser.get(path).text
    assert "⟦" in page
    assert _raw(page) == []


def test_no_text_of_any_page_is_raw(shop: Shop, ada: Browser) -> None:
    ada.cookies["__Host-poser-language"] = pseudo.LANGUAGE
    paths = {route.path for route in find_pages(shop.site).routes if "{" not in route.path}
    raw: dict[str, str] = {}
    asked = 0
    for path in sorted(paths):
        result = ada.get(path)
        assert result.status_code < 500, path
        if result.status_code == 200 and "html" in result.headers["content-type"]:
            asked += 1
            raw |= dict.fromkeys(_raw_but_rows(result.text), path)
    assert asked > 150
    assert raw == {}


def _raw_but_rows(page: str) -> set[str]:
    """List what no bracket is in: of sentences with markup inside, parts have one bracket."""
    texts = TextsButRows()
    texts.feed(page)
    found = {" ".join(text.split()) for text in texts.found if re.search("[A-Za-z]{2}", text)}
    known = OWN | NAMES | ROWS | USER_ROLES
    return {t for t in found - known if not {"⟦", "⟧"} & set(t) and not KEY.fullmatch(t)}


class TextsButRows(Texts):
    """Collects what people read, but what cells of tables and values of records say."""

    def handle_data(self, data: str) -> None:
        if not {"td", "dd"} & set(self._inside):
            super().handle_data(data)
