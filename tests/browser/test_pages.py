# SPDX-License-Identifier: Apache-2.0
"""Every key page on a desktop and a phone: axe finds nothing, nothing is refused or too wide."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Shop, Visit, visit_in

pytestmark = pytest.mark.browser

PAGES = {
    "home": "/",
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
async (tags) => {
  const found = await axe.run(document, {runOnly: tags, resultTypes: ["violations"]});
  return {
    passed: found.passes.length,
    wrong: found.violations.flatMap((rule) => rule.nodes.map((node) =>
      `${rule.id}: ${node.target.join(" ")} ${node.html.slice(0, 160)} | ${node.failureSummary}`)),
  };
}
"""
LEAST_RULES = 20


@pytest.fixture(scope="module", params=["desktop-light", "phone-dark"])
def seen(
    request: pytest.FixtureRequest, chromium: Browser, shop: Shop
) -> Iterator[tuple[str, Visit]]:
    """Open a browser of one kind, signed in."""
    is_phone = request.param == "phone-dark"
    with chromium.new_context(
        viewport={"width": 360, "height": 780} if is_phone else {"width": 1280, "height": 800},
        color_scheme="dark" if is_phone else "light",
        is_mobile=is_phone,
        has_touch=is_phone,
    ) as context:
        visit = visit_in(context, shop)
        visit.sign_in()
        yield request.param, visit


def keep(page: Page, folder: Path | None, name: str) -> None:
    """Keep a picture of a whole page, where pictures are wanted."""
    if folder is not None:
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def violations(page: Page, axe: str) -> list[str]:
    """Ask axe what is wrong with the page that is open."""
    page.evaluate(axe)
    found = page.evaluate(LOOK, RULES)
    assert found["passed"] >= LEAST_RULES, "it has hardly looked"
    return list(found["wrong"])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_nobody_out(
    seen: tuple[str, Visit], name: str, axe: str, screenshots: Path | None
) -> None:
    kind, visit = seen
    visit.wrong.clear()
    answer = visit.page.goto(visit.shop.url + PAGES[name].format(**vars(visit.shop)))
    assert answer
    is_missing = name == "not-there"
    assert answer.status == (NOT_THERE if is_missing else 200)
    keep(visit.page, screenshots, f"{name}-{kind}")
    assert violations(visit.page, axe) == []
    width, least = visit.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= least, "it scrolls sideways"
    assert visit.page.viewport_size
    assert least == visit.page.viewport_size["width"], "it is too wide for the phone"
    # A browser writes into its console that a page was not found.
    assert [said for said in visit.wrong if not (is_missing and "404" in said)] == []


@pytest.mark.parametrize("kind", ["desktop-light", "phone-dark"])
def test_the_door_keeps_nobody_out(
    chromium: Browser, shop: Shop, axe: str, screenshots: Path | None, kind: str
) -> None:
    is_phone = kind == "phone-dark"
    with chromium.new_context(
        viewport={"width": 360, "height": 780} if is_phone else {"width": 1280, "height": 800},
        color_scheme="dark" if is_phone else "light",
    ) as context:
        visit = visit_in(context, shop)
        visit.open("/sign-in")
        keep(visit.page, screenshots, f"door-{kind}")
        assert violations(visit.page, axe) == []
        width, least = visit.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width <= least
        assert visit.wrong == []


def test_axe_would_notice(visit: Visit, axe: str) -> None:
    visit.open("/")
    visit.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    (found,) = [each for each in violations(visit.page, axe) if each.startswith("button-name")]
    assert "inner text" in found
