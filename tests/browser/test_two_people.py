# SPDX-License-Identifier: Apache-2.0
"""A vendor in the hands of two people, each at a browser of their own, by keys alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Shop, Visit, browsing

pytestmark = pytest.mark.browser

MOST_TABS = 60


@pytest.fixture
def other(chromium: Browser, shop: Shop) -> Iterator[Visit]:
    """Open the browser of somebody else."""
    with browsing(chromium, shop) as opened:
        opened.sign_in()
        yield opened
        assert opened.wrong == []


def tab_to(page: Page, wanted: Locator) -> None:
    """Press the tab key until something has the focus, as people without a mouse do."""
    for _ in range(MOST_TABS):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{MOST_TABS} tabs do not lead to {wanted}")


def write_terms(visit: Visit, terms: str) -> None:
    """Replace the terms in a form that is open, and save."""
    box = visit.page.locator("#f-terms")
    tab_to(visit.page, box)
    visit.page.keyboard.press("Control+a")
    visit.page.keyboard.type(terms)
    visit.page.keyboard.press("Control+s")


def test_a_change_is_made_and_put_back_by_keys(visit: Visit) -> None:
    page = visit.page
    visit.open(visit.shop.vendor)
    tab_to(page, page.get_by_role("link", name="Edit", exact=True).first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/edit*")
    write_terms(visit, "net 21, by keys")
    expect(page.get_by_role("status").first).to_be_visible()
    expect(page.get_by_text("net 21, by keys")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="History", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/history")
    tab_to(page, page.get_by_role("button", name="Put back : Terms").first)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Put back: Terms").first).to_be_visible()
    visit.open(visit.shop.vendor)
    expect(page.get_by_text("net 21, by keys")).to_have_count(0)


def test_the_second_of_two_chooses_and_history_has_both(visit: Visit, other: Visit) -> None:
    edit = visit.shop.vendor + "/edit"
    visit.open(edit)
    other.open(edit)
    write_terms(other, "net 11")
    expect(other.page.get_by_text("net 11")).to_be_visible()
    write_terms(visit, "net 91")
    alert = visit.page.get_by_role("alert")
    expect(alert).to_contain_text("Somebody else changed")
    # A browser writes into its console that the answer was 409.
    visit.wrong[:] = [each for each in visit.wrong if "409" not in each]
    mine = visit.page.get_by_label("Mine:")
    mine.focus()
    visit.page.keyboard.press("Space")
    visit.page.keyboard.press("Control+s")
    expect(visit.page.get_by_text("net 91")).to_be_visible()

    visit.page.get_by_role("link", name="History", exact=True).press("Enter")
    visit.page.wait_for_url("**/history")
    expect(visit.page.get_by_text("net 91").first).to_be_visible()
    expect(visit.page.get_by_text("net 11").first).to_be_visible()
    visit.page.get_by_role("button", name="Put back : Terms").first.press("Enter")
    visit.open(visit.shop.vendor)
    expect(visit.page.get_by_text("net 11")).to_be_visible()
