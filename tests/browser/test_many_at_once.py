# SPDX-License-Identifier: Apache-2.0
"""Many records changed at once, by keys alone: chosen, looked at, written."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_chosen_rows_get_one_new_value_after_a_look(visit: Visit) -> None:
    page = visit.page
    visit.open("/products?department=Frozen")
    page.evaluate("document.activeElement.blur()")
    for key in "jxjx":
        page.keyboard.press(key)
    page.get_by_role("button", name="Change a field").press("Enter")
    page.wait_for_url("**/products/change")
    page.locator("#field").focus()
    page.keyboard.type("Size")
    expect(page.locator("#field option:checked")).to_have_text("Size")
    page.get_by_role("button", name="Go on").press("Enter")
    page.locator("#f-size").fill("2 pt")
    page.keyboard.press("Enter")
    expect(page.locator("tbody ins")).to_have_text(["2 pt", "2 pt"])
    expect(page.locator("tbody del").first).to_be_visible()
    page.locator("button[value=execute]").press("Enter")
    expect(page.locator(".flash")).to_contain_text("2")
    expect(page.locator("tbody tr", has_text="2 pt")).to_have_count(2)
    assert page.url.endswith("/products?department=Frozen"), "one is back where one was"
