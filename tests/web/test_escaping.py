# SPDX-License-Identifier: Apache-2.0
"""Nothing that people or tills wrote ever becomes part of a page's own markup."""

import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.web.conftest import Browser, Writer
from tests.web.factories import (
    add_discount,
    add_grocery,
    add_price,
    add_product,
    add_sale,
    add_tax,
)
from web.guarding import HEADERS
from web.portal.site import TEMPLATES as PORTAL
from web.rendering import FOLDER

MARK = "<img src=x onerror=alert(1)>\"' onclick='alert(2)' ${evil} <script>alert(3)</script>&lt;"
LINK = "javascript:alert(4)//"
SAFE_LINK = re.compile(r"(?:/(?![/\\])|#|\?|https?://)")
OURS = {"form", "a", "input", "link", "script", "use", "button", "svg"}


class _Live(HTMLParser):
    """Collect what would do something: handlers, scripts, odd elements, odd addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.marks = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"img", "iframe", "object", "embed", "style", "base"}:
            self.found.append(f"<{tag}>")
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.found.append("inline script")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.append(f"{tag} {name}")
            if name in {"href", "src", "action", "formaction"} and not SAFE_LINK.match(value or ""):
                self.found.append(f"{tag} {name}={value}")
            self.marks += "alert(" in (value or "")

    def handle_data(self, data: str) -> None:
        self.marks += "alert(" in data


def live(page: str) -> _Live:
    parser = _Live()
    parser.feed(page)
    return parser


def _mark_everything(session: Session, table: str, columns: list[str]) -> None:
    for column in columns:
        update = f"UPDATE {table} SET {column} = :mark"  # noqa: S608 - names from the schema
        session.execute(text(update), {"mark": MARK + LINK})


def _free_text(session: Session, table: str) -> list[str]:
    """Name the columns of a table that hold whatever somebody wrote."""
    found = session.scalars(
        text(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = :t AND data_type = 'text'"
        ),
        {"t": table},
    )
    coded = {"system", "system_id", "counts_for"}
    if table != "pos_discounts":
        coded.add("kind")
    return [column for column in found if column not in coded]


@pytest.fixture
def marked(admin: Browser, poser: Writer, trainwreck: Writer) -> tuple[Browser, list[str]]:
    """Write the mark into every free text of both databases; give the pages that show them."""
    products = poser(add_grocery)[:3]
    poser(add_price, products[0], "1.00", kind="promotion")
    sale = trainwreck(add_sale, products)
    trainwreck(add_discount, sale, 1, "-0.50")
    trainwreck(add_discount, sale, None, "-0.50")
    trainwreck(add_tax, sale, "0.10")
    evil = poser(add_product, description=MARK, size=LINK)
    poser(lambda s: s.execute(text("UPDATE brands SET name = :m || id"), {"m": MARK}))
    poser(lambda s: s.execute(text("UPDATE departments SET name = :m || id"), {"m": MARK}))
    poser(lambda s: s.execute(text("UPDATE stores SET name = :m, number = :l"),
                              {"m": MARK, "l": LINK}))  # fmt: skip
    poser(lambda s: s.execute(text("UPDATE product_codes SET code = :m"), {"m": MARK}))
    poser(_mark_everything, "products", ["description", "size"])
    poser(_mark_everything, "users", ["full_name"])
    for table in ("pos_transactions", "pos_lines", "pos_discounts", "pos_taxes", "pos_tenders"):
        columns = trainwreck(_free_text, table)
        assert columns
        trainwreck(_mark_everything, table, columns)
    return admin, [
        "/",
        "/products",
        "/products?discontinued=any&rows=200",
        f"/products/{products[0].id}",
        f"/products/{products[4 % 3].id}",
        f"/products/{evil.id}",
        "/pos-transactions",
        f"/pos-transactions/{sale.id}",
    ]


def test_marks_in_every_text_column_stay_text(marked: tuple[Browser, list[str]]) -> None:
    browser, paths = marked
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == 200
        parsed = live(answer.text)
        assert parsed.found == [], path
        assert parsed.marks, f"{path} shows no mark: the test looks at nothing"


def test_the_test_itself_sees_what_is_live() -> None:
    planted = f"<p>{MARK}</p><a href='{LINK}'>x</a><p style='x'></p><script src='//evil'></script>"
    assert len(live(planted).found) >= 5


@pytest.mark.parametrize(
    "value", [MARK, LINK, '"><script>alert(5)</script>', "' autofocus onfocus='"]
)
@pytest.mark.parametrize(
    "path",
    [
        "/products?q={}", "/products?brand={}", "/products?department={}", "/products?sort={}",
        "/products?discontinued={}", "/products?after={}", "/products?rows={}",
        "/pos-transactions?cashier={}", "/pos-transactions?store={}",
        "/pos-transactions?date.from={}", "/{}", "/products/{}", "/sign-in?next={}&was={}",
    ],
)  # fmt: skip
def test_what_an_address_says_stays_text(ada: Browser, path: str, value: str) -> None:
    answer = ada.get(path.replace("{}", quote(value, safe="")))
    assert live(answer.text).found == []


def test_a_stranger_at_the_door_cannot_be_tricked_by_an_address(stranger: Browser) -> None:
    answer = stranger.get(f"/sign-in?next={quote(LINK)}")
    assert live(answer.text).found == []
    assert 'name="next" value="/"' in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/products", "/nowhere", "/products?sort=x", "/health", "/products.csv"]
)
def test_every_answer_carries_the_safety_headers(ada: Browser, path: str) -> None:
    headers = ada.get(path).headers
    for name, value in HEADERS.items():
        assert headers[name.lower()] == value
    assert headers["cache-control"] == "no-store"
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "data:" not in policy


def test_templates_hold_to_the_three_rules() -> None:
    for path in sorted((*FOLDER.glob("*.pt"), *PORTAL.glob("*.pt"))):
        source = path.read_text()
        assert "structure" not in source, path.name
        assert not re.search(r"\bon[a-z]+=|\bstyle=|<style|hx-on", source), path.name
        addresses = re.findall(r'(?:href|src|action)="([^"]*\$[^"]*)"', source)
        held = r"\$\{safe_url\(.*\)\}|/static/[a-z0-9.-]+#\$\{[a-z0-9.\[\]]+\}"
        assert all(re.fullmatch(held, each) for each in addresses), path.name
        assert not re.search(r"<script[^>]*>[^<]", source), path.name
