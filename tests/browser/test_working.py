# SPDX-License-Identifier: Apache-2.0
"""What people do all day, in a real browser: scan, search, filter, turn pages, sign out."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Shop, Visit, browsing, keep

pytestmark = pytest.mark.browser


def test_a_scanner_types_into_the_page_and_the_product_opens(visit: Visit) -> None:
    visit.page.keyboard.type(visit.shop.barcode)  # nobody clicked anywhere
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url(re.compile(re.escape(visit.shop.product)))
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("Whole milk")
    expect(visit.page.locator(".now")).to_contain_text("5.49")
    expect(visit.page.locator(".now")).to_contain_text("4.49")
    assert visit.page.evaluate("document.activeElement.id") == "find", "ready for the next scan"


def test_a_scan_is_taken_though_the_cursor_is_elsewhere(visit: Visit) -> None:
    visit.open("/products")
    visit.page.locator("h1").click()
    visit.page.evaluate("document.activeElement.blur()")
    visit.page.keyboard.type(visit.shop.barcode)
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url(re.compile(re.escape(visit.shop.product)))


def test_a_slash_leads_to_the_find_box_and_types_nothing(visit: Visit) -> None:
    visit.page.evaluate("document.activeElement.blur()")
    visit.page.keyboard.press("/")
    assert visit.page.evaluate("document.activeElement.id") == "find"
    assert visit.page.input_value("#find") == ""


def test_words_find_products_and_a_filter_narrows_them(visit: Visit) -> None:
    visit.page.fill("#find", "milk")
    visit.page.keyboard.press("Enter")
    visit.page.get_by_role("heading", name="Products").get_by_role("link").click()
    expect(visit.page.locator("tbody tr")).to_have_count(2)
    visit.page.select_option("#f-department", "Dairy")  # takes effect at once
    visit.page.wait_for_url(re.compile("department=Dairy"))
    assert "brand=" not in visit.page.url, "empty boxes stay out of the address"
    visit.page.fill("#f-brand", "organic")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("tbody tr")).to_have_count(1)
    visit.page.get_by_role("link", name="Take away: Department: Dairy").click()
    expect(visit.page).not_to_have_url(re.compile("department"))


def test_pages_are_turned_and_columns_ordered(visit: Visit) -> None:
    visit.open("/pos-transactions?rows=25")
    first = visit.page.locator("td.lead-cell").first.inner_text()
    visit.page.get_by_role("link", name="Next").click()
    expect(visit.page.locator("td.lead-cell").first).not_to_have_text(first)
    visit.page.get_by_role("link", name="Previous").click()
    expect(visit.page.locator("td.lead-cell").first).to_have_text(first)
    visit.page.get_by_role("link", name="Total").click()
    expect(visit.page.locator("th[aria-sort=descending]")).to_contain_text("Total")


def test_a_line_of_a_receipt_leads_to_its_product(visit: Visit) -> None:
    visit.open(visit.shop.sale)
    line = visit.page.locator(".receipt td a").first
    text = line.inner_text()
    line.click()
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text(
        re.compile(re.escape(text), re.IGNORECASE)
    )


def test_a_csv_file_is_downloaded(visit: Visit) -> None:
    visit.open("/products")
    with visit.page.expect_download() as download:
        visit.page.get_by_role("link", name="CSV").click()
    assert re.fullmatch(r"products-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
    assert b"Whole milk" in download.value.path().read_bytes()


def test_rows_become_dense_and_stay_so(visit: Visit) -> None:
    visit.open("/products")
    loose = visit.page.locator("tbody").bounding_box()
    visit.page.locator(".me summary").click()
    visit.page.get_by_role("button", name="Dense rows").click()
    expect(visit.page.locator("html.dense")).to_be_attached()
    dense = visit.page.locator("tbody").bounding_box()
    assert loose
    assert dense
    assert dense["height"] < 0.9 * loose["height"]


def test_signing_out_leads_to_the_door(chromium: Browser, shop: Shop) -> None:
    with browsing(chromium, shop) as visit:
        visit.sign_in()
        visit.page.locator(".me summary").click()
        visit.page.get_by_role("button", name="Sign out").click()
        expect(visit.page.get_by_role("status")).to_have_text("You are signed out.")
        visit.open("/products")
        expect(visit.page).to_have_url(re.compile("/sign-in"))
        assert visit.wrong == []


def test_everything_works_without_script(chromium: Browser, shop: Shop) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        visit = Visit(page=context.new_page(), shop=shop)
        visit.sign_in()
        visit.page.fill("#find", shop.barcode)
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url(re.compile(re.escape(shop.product)))
        visit.open("/products")
        visit.page.select_option("#f-department", "Frozen")
        visit.page.get_by_role("button", name="Show").click()
        expect(visit.page.locator("tbody tr")).to_have_count(2)
        visit.page.locator(".me summary").click()
        visit.page.get_by_role("button", name="Sign out").click()
        visit.page.wait_for_url(re.compile("/sign-in"))


def test_a_page_is_usable_by_keyboard_alone(visit: Visit) -> None:
    visit.open("/products")
    for _ in range(2):  # back from the find box, past the name of the node
        visit.page.keyboard.press("Shift+Tab")
    expect(visit.page.locator(".skip")).to_be_focused()
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate("document.activeElement.id") == "main"
    visit.page.keyboard.press("Tab")
    seen = set()
    for _ in range(32):
        seen.add(visit.page.evaluate("document.activeElement.outerHTML.slice(0, 90)"))
        ring = visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", "one sees where one is"
        visit.page.keyboard.press("Tab")
    assert len(seen) > 25


def test_the_palette_changes_colors_and_leads_back(visit: Visit, screenshots: Path | None) -> None:
    visit.open("/vendors?q=organic")
    visit.page.keyboard.press("Control+k")
    visit.page.keyboard.type("dark")
    button = visit.page.locator("dialog.palette").get_by_role("button", name="Colors: Dark")
    expect(button).to_be_visible()
    keep(visit.page, screenshots, "palette-actions")
    visit.page.keyboard.press("ArrowDown")
    expect(button).to_be_focused()
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("html.theme-dark")).to_be_attached()
    assert visit.page.url.endswith("/vendors?q=organic")
    visit.page.keyboard.press("Control+k")
    visit.page.keyboard.type("as the device")
    visit.page.locator("dialog.palette").get_by_role("button").click()
    expect(visit.page.locator("html.theme-auto")).to_be_attached()


def test_the_palette_signs_out(chromium: Browser, shop: Shop) -> None:
    with browsing(chromium, shop, "phone-dark") as visit:
        visit.sign_in()
        visit.page.keyboard.press("Control+k")
        visit.page.keyboard.type("sign out")
        visit.page.locator("dialog.palette").get_by_role("button", name="Sign out").click()
        expect(visit.page.get_by_role("status")).to_have_text("You are signed out.")
        assert visit.wrong == []
