# SPDX-License-Identifier: Apache-2.0
"""A buyer's list, from the file to the shelf: sent, followed live, reviewed, executed once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect
from sqlalchemy import text

from poser.db import engine
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

ROWS = 400
ENDS_WITHIN_MS = 60_000


@pytest.fixture
def vendors(tmp_path: Path) -> Path:
    """Write a list of vendors that the shop does not know yet."""
    path = tmp_path / "vendors.csv"
    lines = [f"{5000 + n},Orchard {n}" for n in range(ROWS)]
    path.write_text("number,name\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def streams(visit: Visit) -> Iterator[list[str]]:
    """List which event streams pages listened to."""
    heard: list[str] = []

    def note(request: Request) -> None:
        if request.resource_type == "eventsource":
            heard.append(request.url)

    visit.page.on("request", note)
    yield heard
    visit.page.remove_listener("request", note)


def begin(page: Page, file: Path, way: str) -> None:
    """Send a file with the form that starts an import, by keys once it is chosen."""
    page.set_input_files("#file", file)
    page.fill("#models", "Vendor")
    page.get_by_label(way).focus()
    page.keyboard.press("Space")
    page.fill("#comment", "the spring list")
    page.keyboard.press("Enter")


def wait_for_the_end(page: Page) -> None:
    """Wait, touching nothing, until the page says that there is something to see."""
    link = page.get_by_role("link", name="See what came of it")
    expect(link).to_be_focused(timeout=ENDS_WITHIN_MS)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_list_becomes_a_batch_that_is_reviewed_and_executed(
    visit: Visit, vendors: Path, streams: list[str]
) -> None:
    page = visit.page
    visit.open("/imports/start/csv")
    begin(page, vendors, "Make a batch")
    expect(page.get_by_role("heading", level=1)).to_contain_text("vendors.csv")
    task = page.url.rpartition("/")[2]
    wait_for_the_end(page)
    assert streams == [f"{visit.shop.url}/events/tasks/{task}"], "it was told, and did not ask"

    page.wait_for_url("**/batches/*")
    expect(page.get_by_text(f"Add {ROWS}.")).to_be_visible()
    page.get_by_role("button", name="Take out : 5000", exact=True).press("Enter")
    expect(page.get_by_text(f"Add {ROWS - 1}. 1 taken out.")).to_be_visible()
    page.get_by_role("link", name="Edit 5001", exact=True).press("Enter")
    page.locator("[name='f.name']").fill("Orchard One")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Orchard One")).to_be_visible()

    page.get_by_role("button", name="Execute").press("Enter")
    page.wait_for_url("**/tasks/*")
    wait_for_the_end(page)
    expect(page.get_by_text(f"{ROWS - 1} created")).to_be_visible()
    expect(page.get_by_role("button", name="Execute")).to_have_count(0)
    expect(page.get_by_role("button", name="Take out")).to_have_count(0)
    visit.open("/vendors?q=Orchard+One")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_batch_that_is_stopped_leaves_nothing_and_can_be_executed_again(
    visit: Visit, vendors: Path
) -> None:
    page = visit.page
    others = vendors.read_text().replace("\n5", "\n7").replace("Orchard", "Mill")
    vendors.write_text(others)
    visit.open("/imports/start/csv")
    begin(page, vendors, "Make a batch")
    wait_for_the_end(page)
    page.wait_for_url("**/batches/*")
    batch = page.url
    database = engine(visit.shop.database)
    with database.connect() as somebody:  # who is in the way, until the batch is to stop
        somebody.execute(text("LOCK TABLE vendors IN SHARE MODE"))
        page.get_by_role("button", name="Execute").press("Enter")
        page.wait_for_url("**/tasks/*")
        expect(page.get_by_text("running")).to_be_visible(timeout=ENDS_WITHIN_MS)
        page.get_by_role("button", name="Stop").press("Enter")
        expect(page.get_by_text("It stops at its next safe point.").first).to_be_visible()
        somebody.rollback()
    database.dispose()
    wait_for_the_end(page)
    visit.open("/vendors?q=Mill")
    expect(page.locator("tbody tr")).to_have_count(0)
    page.goto(batch)
    page.get_by_role("button", name="Execute").press("Enter")
    page.wait_for_url("**/tasks/*")
    wait_for_the_end(page)
    expect(page.get_by_text(f"{ROWS} created")).to_be_visible()


def test_an_import_is_followed_and_taken_back(visit: Visit, tmp_path: Path) -> None:
    page, file = visit.page, tmp_path / "one.csv"
    file.write_text("number,name\n4990,Short Lived\n4991,Shorter Lived\n")
    visit.open("/imports/start/csv")
    begin(page, file, "Write the changes at once")
    wait_for_the_end(page)
    expect(page.get_by_text("the spring list").first).to_be_visible()
    expect(page.get_by_text("Short Lived")).to_be_visible()
    run = page.url
    page.get_by_role("button", name="Take back").press("Enter")
    page.wait_for_url("**/tasks/*")
    wait_for_the_end(page)
    page.goto(run)
    expect(page.get_by_text("took it back")).to_be_visible()
    visit.open("/vendors?q=Lived")
    expect(page.locator("tbody tr")).to_have_count(0)
