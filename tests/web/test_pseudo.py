# SPDX-License-Identifier: Apache-2.0
"""In the language that nobody speaks, each text of the frame is in brackets: none was forgotten."""

import re
from html.parser import HTMLParser

import pytest

from tests.web.conftest import Browser, Shop
from web import pseudo

OWN = {"store-1", "ada", "English", "Deutsch", "Esc", "Ctrl K", "j k", "x", "e", "c"}
"""Names: of the node, the user, the languages, the keys."""

PAGES = ("/help", "/help?of=/vendors", "/help/keys", "/nowhere")
SHOWN = ("aria-label", "placeholder", "title")


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
