# SPDX-License-Identifier: Apache-2.0
"""Every key page on a desktop and a phone: axe finds nothing, nothing is refused or too wide."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests.browser.conftest import Shop, Visit, browsing, keep, lay_out

pytestmark = pytest.mark.browser

PAGES = {
    "home": "/",
    "alerts": "/alerts",
    "products": "/products",
    "product": "{product}",
    "product-form": "{product}/edit",
    "vendors": "/vendors",
    "vendor": "{vendor}",
    "vendor-form": "{vendor}/edit",
    "vendor-new": "/vendors/new",
    "vendor-history": "{vendor}/history",
    "vendors-deleted": "/vendors/deleted",
    "vendor-merge": "{vendor}/merge",
    "pos-transactions": "/pos-transactions",
    "pos-transaction": "{sale}",
    "sales": "/sales",
    "imports": "/imports",
    "import-run": "{run}",
    "imports-start": "/imports/start",
    "import-start": "/imports/start/csv",
    "batches": "/batches",
    "batch": "{batch}",
    "tasks": "/tasks",
    "settings": "/settings",
    "setting": "/settings/web.time_zone",
    "emails": "/emails",
    "email": "/emails/import_changes",
    "users": "/users",
    "user": "{user}",
    "user-access": "{user}/access",
    "user-roles": "/user-roles",
    "user-role": "{role}",
    "permissions": "/permissions",
    "sign-in-events": "/sign-in-events",
    "me": "/me",
    "root": "/root",
    "node": "/node",
    "find": "/find?q=milk",
    "scan": "/scan",
    "feedback": "/say",
    "help": "/help?of=/products",
    "keys": "/help/keys",
    "views": "/views?grid=/products",
    "api": "/api",
    "not-there": "/products/00000000-0000-0000-0000-000000000000",
}
NOT_THERE = 404
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """
async (rules) => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
  return {
    passed: found.passes.length,
    wrong: found.violations.flatMap((rule) => rule.nodes.map((node) =>
      `${rule.id}: ${node.target.join(" ")} ${node.html.slice(0, 160)} | ${node.failureSummary}`)),
  };
}
"""
LEAST_RULES = 20
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")


@pytest.fixture(scope="module", params=["desktop", "phone"])
def seen(
    request: pytest.FixtureRequest, chromium: Browser, shop: Shop, signed_in: StorageState
) -> Iterator[tuple[str, Visit]]:
    """Open a browser on one device, signed in."""
    with browsing(chromium, shop, f"{request.param}-light", signed_in) as visit:
        yield request.param, visit


def violations(page: Page, axe: str) -> list[str]:
    """Ask axe what is wrong with the page that is open."""
    lay_out(page)
    page.evaluate(axe)
    found = page.evaluate(LOOK, RULES)
    assert found["passed"] >= LEAST_RULES, "it has hardly looked"
    return list(found["wrong"])


def look(visit: Visit, axe: str, name: str, screenshots: Path | None) -> None:
    """Look at the page that is open, in light and in dark."""
    page = visit.page
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        keep(page, screenshots, f"{name}-{scheme}")
        assert violations(page, axe) == [], scheme
    width, least = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= least, "it scrolls sideways"
    assert page.viewport_size
    assert least == page.viewport_size["width"], "it is too wide for the phone"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_nobody_out(
    seen: tuple[str, Visit], name: str, axe: str, screenshots: Path | None
) -> None:
    device, visit = seen
    visit.wrong.clear()
    answer = visit.page.goto(visit.shop.url + PAGES[name].format(**vars(visit.shop)))
    assert answer
    is_missing = name == "not-there"
    assert answer.status == (NOT_THERE if is_missing else 200)
    look(visit, axe, f"{name}-{device}", screenshots)
    # A browser writes into its console that a page was not found.
    assert [said for said in visit.wrong if not (is_missing and "404" in said)] == []


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_the_door_keeps_nobody_out(
    chromium: Browser, shop: Shop, axe: str, screenshots: Path | None, device: str
) -> None:
    with browsing(chromium, shop, f"{device}-light") as visit:
        visit.open("/sign-in")
        look(visit, axe, f"door-{device}", screenshots)
        assert visit.wrong == []


def test_axe_would_notice(visit: Visit, axe: str) -> None:
    visit.open("/")
    visit.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    (found,) = [each for each in violations(visit.page, axe) if each.startswith("button-name")]
    assert "inner text" in found


def test_axe_would_notice_what_is_pale_in_the_dark(visit: Visit, axe: str) -> None:
    visit.page.emulate_media(color_scheme="dark")
    assert violations(visit.page, axe) == []
    visit.page.evaluate("document.querySelector('h1').style.color = '#222'")
    found = violations(visit.page, axe)
    assert any(each.startswith("color-contrast") for each in found)
