# SPDX-License-Identifier: Apache-2.0
"""Grids in a real browser: keys, rows that are chosen, filters put together, cells changed."""

import pytest

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_keys_go_through_the_rows_and_choose_them(visit: Visit) -> None:
    visit.open("/products")
    page = visit.page
    page.evaluate("document.activeElement.blur()")
    assert page.locator("#chosen").is_hidden()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("x")
    assert page.locator("tr.at").count() == 1
    assert page.locator("#chosen [data-count]").inner_text() == "2"
    assert page.locator("#chosen [data-all]").is_hidden()
    page.locator("th.choose input").check()
    assert page.locator("#chosen [data-all]").is_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Change a field").click()
    assert page.locator("select[name=field]").is_visible()


def test_a_filter_is_put_together_without_typing_an_address(visit: Visit) -> None:
    visit.open("/products")
    page = visit.page
    with page.expect_navigation():
        page.get_by_role("link", name="Add filter").click()
    with page.expect_navigation():
        page.locator("#b-f").select_option(label="Size")
    with page.expect_navigation():
        page.locator("#b-v").select_option(label="ends with")
    page.locator("#b-x").fill("fl oz")
    with page.expect_navigation():
        page.get_by_role("button", name="Add", exact=True).click()
    assert page.url.endswith("/products?size.ends=fl+oz")
    assert "Size ends with fl oz" in page.locator(".chips").inner_text()
    assert page.locator("tbody tr").count() == 3


def test_a_cell_is_changed_where_it_stands(visit: Visit) -> None:
    visit.open("/departments")
    page = visit.page
    table = page.locator("table.grid")
    at = [th.get_attribute("data-name") for th in table.locator("thead th").all()].index("name")
    row = table.locator("tbody tr").first
    key = row.get_attribute("data-key")
    before = row.locator("td").nth(at).inner_text()
    row.locator("td").nth(at).dblclick(position={"x": 2, "y": 2})
    box = page.locator("td.editing input[name=name]")
    box.wait_for()
    assert box.input_value() == before
    box.fill("Fruit and more")
    box.press("Tab")
    changed = page.locator(f"tr[data-key='{key}'] td").nth(at)
    page.wait_for_function(
        "([key, at]) => document.querySelector(`tr[data-key='${key}']`)"
        ".cells[at].textContent.includes('Fruit and more')",
        arg=[key, at],
    )
    visit.open("/departments")
    assert changed.inner_text() == "Fruit and more"
    changed.dblclick(position={"x": 2, "y": 2})
    box.wait_for()
    box.fill("")
    box.press("Escape")
    assert changed.inner_text() == "Fruit and more"
    changed.dblclick(position={"x": 2, "y": 2})
    box.wait_for()
    box.fill(before)
    box.press("Enter")
    page.wait_for_function(
        "([key, at, was]) => document.querySelector(`tr[data-key='${key}']`)"
        ".cells[at].textContent.includes(was)",
        arg=[key, at, before],
    )
