# SPDX-License-Identifier: Apache-2.0
"""Passkeys with Chromium's own authenticator, root with its red frame, and the pages of rights."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, StorageState

from control.frontend import put_in_place
from tests.browser.conftest import Shop, Visit, browsing, keep
from tests.browser.test_pages import violations
from tests.web.factories import PASSWORD

pytestmark = pytest.mark.browser

# As a phone's app would: from what is on the screen, by the reader of the camera page.
READ = """
async ({ reader, wasm, picture }) => {
  (0, eval)(reader);
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  ZXingWASM.prepareZXingModule({ overrides: { wasmBinary: bytes(wasm).buffer } });
  const found = await ZXingWASM.readBarcodes(new Blob([bytes(picture)]), { formats: ["QRCode"] });
  return found.map((one) => one.text);
}
"""
PAGES = ("/me", "/permissions?area=Buying", "/users", "/user-roles", "/sign-in-events", "/root")
NO_SIDEWAYS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture
def named(chromium: Browser, shop: Shop) -> Iterator[Visit]:
    """Open a browser at a host with a name, since passkeys are for no bare address."""
    there = Shop(**{**vars(shop), "url": shop.url.replace("127.0.0.1", "localhost")})
    with browsing(chromium, there) as opened:
        yield opened
        assert opened.wrong == []


def add_authenticator(page: Page) -> None:
    """Plug in a device that keeps passkeys, and that its user unlocks at once."""
    client = page.context.new_cdp_session(page)
    client.send("WebAuthn.enable")
    client.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_passkey_is_added_and_lets_in_without_a_password(named: Visit) -> None:
    page = named.page
    add_authenticator(page)
    named.sign_in()
    named.open("/me")
    page.fill("#k-name", "My laptop")
    page.fill("#k-proof", PASSWORD)
    page.click("button[value=passkey]")
    page.wait_for_selector("text=Passkey added.")
    assert page.locator("text=My laptop").count() >= 1
    page.click("details.me > summary")
    page.click("form[action='/sign-out'] button")
    page.wait_for_url("**/sign-in?was=out")
    page.click("text=Sign in with a passkey")
    page.wait_for_url(named.shop.url + "/")
    named.open("/me")
    page.fill("#r-proof", PASSWORD)
    page.click("button[value^='remove-passkey:']")
    page.wait_for_selector("text=Passkey removed.")
    assert page.locator("text=My laptop").count() == 0


def test_root_has_a_red_frame_on_every_page_until_it_ends(chromium: Browser, shop: Shop) -> None:
    with browsing(chromium, shop) as visit:
        visit.sign_in()
        visit.open("/root?next=/vendors")
        visit.page.fill("#reason", "the till is stuck")
        visit.page.fill("#proof", PASSWORD)
        visit.page.click("main button.main")
        visit.page.wait_for_url("**/vendors")
        for path in ("/vendors", "/", "/users"):
            visit.open(path)
            frame = "getComputedStyle(document.body).boxShadow"
            assert "inset" in visit.page.evaluate(frame)
            assert "the till is stuck" in visit.page.inner_text(".rootbar")
        visit.page.click(".rootbar button")
        visit.page.wait_for_selector("text=You are yourself again.")
        assert visit.page.locator(".rootbar").count() == 0
        assert visit.wrong == []


@pytest.mark.parametrize("kind", ["desktop-light", "desktop-dark", "phone-light", "phone-dark"])
def test_pages_of_rights_fit_the_screen(
    chromium: Browser, shop: Shop, signed_in: StorageState, screenshots: Path | None, kind: str
) -> None:
    with browsing(chromium, shop, kind, signed_in) as visit:
        for path in (*PAGES, f"{shop.user}/access"):
            visit.open(path)
            assert visit.page.evaluate(NO_SIDEWAYS), path
            name = path.split("?")[0].strip("/").replace("/", "-")[:14]
            keep(visit.page, screenshots, f"rights-{name}-{kind}")
        assert visit.wrong == []


def read_picture(browser: Browser, picture: bytes) -> list[str]:
    """Read the QR codes in a picture; in an empty page, which has no policy of ours."""
    built = put_in_place()
    page = browser.new_page()
    texts: list[str] = page.evaluate(
        READ,
        {
            "reader": (built / "zxing-reader.js").read_text() + ";globalThis.ZXingWASM = ZXingWASM",
            "wasm": b64encode((built / "zxing-reader.wasm").read_bytes()).decode(),
            "picture": b64encode(picture).decode(),
        },
    )
    page.close()
    return texts


@pytest.mark.parametrize("kind", ["desktop-light", "desktop-dark", "phone-light", "phone-dark"])
def test_a_phone_reads_its_key_from_the_screen(
    chromium: Browser, shop: Shop, axe: str, screenshots: Path | None, kind: str
) -> None:
    with browsing(chromium, shop, kind) as visit:
        visit.sign_in()
        visit.open("/me")
        if visit.page.locator(".qr").count() == 0:
            visit.page.fill("#t-proof", PASSWORD)
            visit.page.click("button[value=phone]")
        picture = visit.page.locator(".qr")
        # Not below the bars at the top and bottom of a phone.
        picture.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
        (text,) = read_picture(chromium, picture.screenshot())
        assert text.startswith("otpauth://totp/Poser%20store-1:ada?")
        typed = picture.locator("xpath=following::code[1]").inner_text()
        assert parse_qs(urlsplit(text).query)["secret"] == [typed.replace(" ", "")]
        keep(visit.page, screenshots, f"qr-{kind}")
        assert violations(visit.page, axe) == []
        assert visit.page.evaluate(NO_SIDEWAYS)
        assert visit.wrong == []
