# SPDX-License-Identifier: Apache-2.0
"""The camera page with Chromium's camera of tests, which looks at barcodes that we draw."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, StorageState, expect

from tests.browser.conftest import CHROMIUM, FLAGS, Shop, Visit, browsing, keep
from tests.browser.frames import film

pytestmark = pytest.mark.browser

UNKNOWN = 4006381333931
WHOLE_FILM_MS = 25_000
A_NAME = "store-1.example"
OWN_READER = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["ean_13", "qr_code"]; }
  constructor({ formats }) { window.asked = formats; }
  async detect() { return [{ rawValue: "%s" }]; }
};
"""
REFUSED = """
navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException("no", "NotAllowedError");
};
"""
TORCH = """
MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
MediaStreamTrack.prototype.applyConstraints = async (given) => {
  window.lit = given.advanced[0].torch;
};
"""


@dataclass(kw_only=True)
class Looking:
    """What a browser with a camera needs."""

    chromium: Browser
    shop: Shop
    state: StorageState
    folder: Path


@pytest.fixture
def looking(chromium: Browser, shop: Shop, signed_in: StorageState, tmp_path: Path) -> Looking:
    """Give what a browser with a camera needs."""
    return Looking(chromium=chromium, shop=shop, state=signed_in, folder=tmp_path)


@contextmanager
def camera(
    looking: Looking, *shown: int | None, kind: str = "phone-light", go_on: bool = False
) -> Iterator[Visit]:
    """Start a browser whose user allowed the camera, which sees these numbers in turn."""
    seen = film(looking.folder / "seen.y4m", shown)
    flags = [
        *FLAGS,
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={seen}",
    ]
    start = looking.chromium.browser_type.launch
    with (
        start(executable_path=CHROMIUM, args=flags, headless=True) as browser,
        browsing(browser, looking.shop, kind, looking.state) as visit,
    ):
        visit.page.context.grant_permissions(["camera"])
        if go_on:
            # The camera starts by itself, and would be gone before the box is ticked.
            visit.page.add_init_script("localStorage.setItem('poser-scan-on', 'yes')")
        yield visit
        assert visit.wrong == []


def test_a_barcode_before_the_camera_opens_its_product(looking: Looking, shop: Shop) -> None:
    with camera(looking, int(shop.barcode)) as visit:
        visit.open("/scan")  # the camera is allowed already, so nobody has to press a button
        visit.page.wait_for_url(re.compile(re.escape(shop.product)))
        expect(visit.page.get_by_role("heading", level=1)).to_contain_text("Whole milk")


@pytest.mark.parametrize("kind", ["phone-light", "phone-dark", "desktop-light"])
def test_one_product_after_another_is_listed(
    looking: Looking, screenshots: Path | None, kind: str
) -> None:
    shown = (int(looking.shop.barcode), None, UNKNOWN, None)
    with camera(looking, *shown, kind=kind, go_on=True) as visit:
        page = visit.page
        visit.open("/scan")
        found = page.locator(".scanned li")
        milk = found.filter(has_text="Whole milk")
        expect(milk).to_contain_text("5.49")
        unknown = found.filter(has_text=f"Nothing has the code {UNKNOWN}")
        expect(unknown).to_have_count(1, timeout=WHOLE_FILM_MS)
        expect(milk).to_have_count(1)
        assert page.evaluate("document.querySelector('video').videoWidth") == 640
        keep(page, screenshots, f"scan-found-{kind}")
        expect(unknown).to_be_in_viewport()  # under the camera, without moving the page
        # The film begins again: the milk was gone meanwhile, so it counts again, and once.
        expect(milk).to_have_count(2, timeout=WHOLE_FILM_MS)
        expect(unknown).to_have_count(1)
        page.get_by_role("button", name="Camera off").click()
        expect(page.get_by_role("button", name="Use the camera")).to_be_focused()
        assert page.evaluate("document.querySelector('video').srcObject") is None
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_typed_codes_are_listed_too(visit: Visit) -> None:
    visit.open("/scan")
    visit.page.get_by_label("One after another").check()
    visit.page.evaluate("document.activeElement.blur()")
    visit.page.keyboard.type(visit.shop.barcode)  # as a scanner does, wherever the cursor is
    visit.page.keyboard.press("Enter")
    link = visit.page.locator(".scanned li a")
    expect(link).to_contain_text("Whole milk")
    assert visit.page.input_value("#code") == "", "ready for the next"
    visit.page.keyboard.type("oat")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".scanned li").first).to_contain_text("Several things answer to oat")
    link.last.click()
    visit.page.wait_for_url(visit.shop.url + visit.shop.product)


def test_a_code_waits_in_the_box_while_the_node_is_away(visit: Visit) -> None:
    visit.open("/scan")
    visit.page.get_by_label("One after another").check()
    visit.page.context.set_offline(offline=True)
    visit.page.fill("#code", visit.shop.barcode)
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_text("The node did not answer")).to_be_visible()
    assert visit.page.input_value("#code") == visit.shop.barcode
    visit.page.context.set_offline(offline=False)
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".scanned li")).to_contain_text("Whole milk")
    expect(visit.page.get_by_text("The node did not answer")).to_be_hidden()
    visit.wrong[:] = [said for said in visit.wrong if "ERR_INTERNET_DISCONNECTED" not in said]


def test_the_browsers_own_reader_goes_first(looking: Looking, shop: Shop) -> None:
    with camera(looking, None, go_on=True) as visit:
        visit.page.add_init_script(OWN_READER % shop.barcode)
        visit.open("/scan")
        expect(visit.page.locator(".scanned li")).to_contain_text("Whole milk")
        assert visit.page.evaluate("asked") == ["ean_13"]
        assert visit.page.locator("script[src*=zxing]").count() == 0


def test_a_camera_with_a_torch_has_a_button_for_it(looking: Looking) -> None:
    with camera(looking, None) as visit:
        visit.open("/scan")
        expect(visit.page.get_by_role("button", name="Camera off")).to_be_visible()
        torch = visit.page.get_by_role("button", name="Torch")
        expect(torch).to_be_hidden()
        visit.page.add_init_script(TORCH)
        visit.open("/scan")
        torch.click()
        expect(torch).to_have_attribute("aria-pressed", "true")
        assert visit.page.evaluate("lit") is True
        torch.click()
        assert visit.page.evaluate("lit") is False


def test_a_refused_camera_is_said(visit: Visit, screenshots: Path | None) -> None:
    visit.page.add_init_script(REFUSED)
    visit.open("/scan")
    visit.page.get_by_role("button", name="Use the camera").click()
    expect(visit.page.get_by_text("The browser may not use the camera.")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Use the camera")).to_be_enabled()
    keep(visit.page, screenshots, "scan-refused")


def test_a_device_without_a_camera_is_told_so(visit: Visit) -> None:
    visit.open("/scan")
    visit.page.get_by_role("button", name="Use the camera").click()
    expect(visit.page.get_by_role("alert").filter(visible=True)).to_have_count(1)


def test_an_address_without_https_says_why_there_is_no_camera(
    chromium: Browser, shop: Shop, screenshots: Path | None
) -> None:
    port = urlsplit(shop.url).port
    flags = [*FLAGS, f"--host-resolver-rules=MAP {A_NAME} 127.0.0.1"]
    there = Shop(**{**vars(shop), "url": f"http://{A_NAME}:{port}"})
    start = chromium.browser_type.launch
    with (
        start(executable_path=CHROMIUM, args=flags, headless=True) as other,
        browsing(other, there, "phone-light") as visit,
    ):
        visit.sign_in()
        visit.open("/scan")
        expect(visit.page.get_by_text("lend the camera to safe addresses only")).to_be_visible()
        expect(visit.page.get_by_role("button", name="Use the camera")).to_be_hidden()
        keep(visit.page, screenshots, "scan-without-https")
        visit.page.fill("#code", shop.barcode)
        visit.page.get_by_role("button", name="Find").click()
        visit.page.wait_for_url(there.url + shop.product)


def test_without_a_script_the_form_finds(
    chromium: Browser, shop: Shop, signed_in: StorageState
) -> None:
    with chromium.new_context(java_script_enabled=False, storage_state=signed_in) as context:
        page = context.new_page()
        page.goto(shop.url + "/scan")
        expect(page.locator("#camera")).to_be_hidden()
        page.fill("#code", shop.barcode)
        page.keyboard.press("Enter")
        page.wait_for_url(shop.url + shop.product)
