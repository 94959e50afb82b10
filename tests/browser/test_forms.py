# SPDX-License-Identifier: Apache-2.0
"""Forms in a real browser: choosing another record by keys, leaving, conflicts, history."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, StorageState, expect

from tests.browser.conftest import Shop, Visit, browsing, keep

pytestmark = pytest.mark.browser
_numbers = count(1)


def add_vendor(visit: Visit, name: str) -> str:
    """Add a vendor through its form and give the address of its page."""
    visit.open("/vendors/new")
    visit.page.fill("#f-number", f"V{next(_numbers)}")
    visit.page.fill("#f-name", name)
    visit.page.fill("#f-discount_percent", "12,5")
    visit.page.get_by_role("button", name="Save").last.click()
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text(name)
    return visit.page.url.removeprefix(visit.shop.url)


def add_person(visit: Visit, name: str) -> None:
    visit.open("/people/new")
    visit.page.fill("#f-display_name", name)
    visit.page.get_by_role("button", name="Save").last.click()
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text(name)


def test_another_record_is_chosen_with_the_keys_alone(visit: Visit) -> None:
    vendor = add_vendor(visit, "Keys & Co")
    for name in ("Robin Quist", "Robin Quade", "Sam Other"):
        add_person(visit, name)
    visit.open(vendor)
    visit.page.get_by_role("link", name=re.compile(r"Add\s*: Contacts")).click()
    box = visit.page.locator("#f-person_id")
    expect(visit.page.locator("#f-vendor_id")).to_have_value("V1 Keys & Co")
    box.press_sequentially("robin q")
    options = visit.page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    box.press("Escape")
    expect(options).to_have_count(0)
    # A code and Enter, as a scanner types it, chooses the first match and sends nothing.
    box.fill("sam other")
    box.press("Enter")
    expect(box).to_have_value("Sam Other")
    visit.page.get_by_role("button", name="Save").last.click()
    expect(visit.page.get_by_role("link", name="Sam Other")).to_be_visible()


def test_nobody_leaves_what_they_typed_without_a_question(visit: Visit) -> None:
    vendor = add_vendor(visit, "Guarded")
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    visit.page.on("dialog", refuse)
    visit.open(vendor + "/edit")
    visit.page.goto(visit.shop.url + vendor)  # nothing was typed
    assert asked == []
    visit.open(vendor + "/edit")
    visit.page.fill("#f-terms", "net 99")
    visit.page.evaluate("location.href = '/vendors'")
    visit.page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    expect(visit.page.locator("#f-terms")).to_have_value("net 99")
    visit.page.get_by_role("link", name="Cancel").click()
    expect(visit.page).to_have_url(visit.shop.url + vendor)
    assert asked == ["beforeunload"]


def test_a_conflict_is_settled_and_taken_back(visit: Visit) -> None:
    vendor = add_vendor(visit, "Contested")
    visit.open(vendor + "/edit")
    other = visit.page.context.new_page()
    other.goto(visit.shop.url + vendor + "/edit")
    other.fill("#f-terms", "net 10")
    other.get_by_role("button", name="Save").last.click()
    expect(other.get_by_text("net 10")).to_be_visible()
    other.close()
    visit.page.fill("#f-terms", "net 90")
    visit.page.keyboard.press("Control+s")
    expect(visit.page.get_by_role("alert")).to_contain_text("Somebody else changed")
    visit.wrong[:] = [each for each in visit.wrong if "409" not in each]
    visit.page.get_by_label("Theirs:").check()
    visit.page.get_by_role("button", name="Save").last.click()
    expect(visit.page.get_by_text("net 10")).to_be_visible()
    visit.page.get_by_role("link", name="History").click()
    visit.page.get_by_role("button", name=re.compile(r"Put back\s*: Terms")).first.click()
    visit.page.get_by_role("link", name="Record", exact=True).click()
    expect(visit.page.get_by_text("net 10")).to_have_count(0)


def test_a_deleted_record_is_back_with_one_click(visit: Visit) -> None:
    vendor = add_vendor(visit, "Hasty")
    visit.page.get_by_text("More", exact=True).first.click()
    visit.page.get_by_role("button", name="Delete").click()
    expect(visit.page.get_by_text("Deleted: Hasty")).to_be_visible()
    visit.page.get_by_role("button", name="Undo").click()
    expect(visit.page).to_have_url(visit.shop.url + vendor)


@pytest.fixture(params=["desktop-light", "phone-dark"])
def looking(
    request: pytest.FixtureRequest, chromium: Browser, shop: Shop, signed_in: StorageState
) -> Iterator[Visit]:
    """Open a browser of one kind, signed in."""
    with browsing(chromium, shop, request.param, signed_in) as opened:
        yield opened


def test_pages_of_records_fit(
    looking: Visit, request: pytest.FixtureRequest, screenshots: Path | None
) -> None:
    vendor = add_vendor(looking, "Fitting Foods Cooperative of the Upper Valley")
    looking.open(vendor + "/edit")
    looking.page.fill("#f-terms", "net 30, two percent off within ten days")
    looking.page.get_by_role("button", name="Save").last.click()
    pages = {
        "record": vendor,
        "form": vendor + "/edit",
        "history": vendor + "/history",
        "merge-with": vendor + "/merge?q=v",
        "deleted": "/vendors/deleted",
        "form-price": "/prices/new",
    }
    for name, path in pages.items():
        looking.open(path)
        width = looking.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        keep(looking.page, screenshots, f"{name}-{request.node.callspec.id}")
        assert width[0] <= width[1], (path, width)
    assert looking.wrong == []
