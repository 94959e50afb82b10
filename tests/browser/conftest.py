# SPDX-License-Identifier: Apache-2.0
"""A real Chromium that visits a really running web app, and notes whatever goes wrong."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, sync_playwright

from control.frontend import modules
from poser.db import engine
from tests.browser.filled import fill
from tests.browser.node import node
from tests.support.postgresql import Server
from tests.web.factories import PASSWORD

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
SIZES = {
    "desktop": ViewportSize(width=1280, height=800),
    "phone": ViewportSize(width=360, height=780),
}
VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error("CSP: " + event.violatedDirective + " " + event.blockedURI);
});
"""


@dataclass(kw_only=True)
class Shop:
    """A running app, the address of its database, and that of one record of each kind."""

    url: str
    database: str
    barcode: str
    product: str
    sale: str
    vendor: str
    run: str
    batch: str
    user: str
    role: str


# What is far below is laid out when it comes near; whoever measures a page wants all of it,
# and from its top: what has been scrolled under a bar that stays is hidden, and no fault.
_LAY_OUT = """
() => { for (const row of document.querySelectorAll(".grid tr"))
    row.style.contentVisibility = "visible";
  scrollTo({top: 0, behavior: "instant"}) }
"""


def lay_out(page: Page) -> None:
    """Have all of a page laid out, as if somebody had scrolled through it."""
    page.evaluate(_LAY_OUT)


@dataclass(kw_only=True)
class Visit:
    """One open page; `wrong` lists what the browser complained about."""

    page: Page
    shop: Shop
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open a page of the app."""
        self.page.goto(self.shop.url + path)

    def sign_in(self) -> None:
        """Sign in through the door."""
        self.open("/sign-in")
        self.page.fill("#name", "ada")
        self.page.fill("#password", PASSWORD)
        self.page.click("button.main")
        self.page.wait_for_url(self.shop.url + "/")


@pytest.fixture(scope="session")
def screenshots() -> Path | None:
    """Say where pictures of pages are kept: $POSER_SCREENSHOTS, or nowhere."""
    named = os.environ.get("POSER_SCREENSHOTS", "")
    if not named:
        return None
    Path(named).mkdir(parents=True, exist_ok=True)
    return Path(named)


@pytest.fixture(scope="session")
def shop(
    postgresql: Server, templates: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """Fill a grocery and run a whole node on it."""
    names = {kind: postgresql.create(template) for kind, template in templates.items()}
    urls = {kind: postgresql.url(name) for kind, name in names.items()}
    engines = {kind: engine(url) for kind, url in urls.items()}
    found = fill(engines)
    for each in engines.values():
        each.dispose()
    with node(tmp_path_factory.mktemp("web"), urls, time_zone="America/Chicago") as port:
        yield Shop(url=f"http://127.0.0.1:{port}", database=urls["poser"], **found)


@pytest.fixture(scope="session")
def axe() -> str:
    """Read the program that looks for what keeps people out, from the front-end's packages."""
    return (modules() / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    if not CHROMIUM.exists():
        pytest.fail("no Chromium; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
        yield browser
        browser.close()


@contextmanager
def browsing(
    chromium: Browser, shop: Shop, kind: str = "desktop-light", state: StorageState | None = None
) -> Iterator[Visit]:
    """Open an empty page, on a desktop or a phone, light or dark; its complaints are noted."""
    device, scheme = kind.split("-")
    is_phone = device == "phone"
    with chromium.new_context(
        viewport=SIZES[device],
        color_scheme="dark" if scheme == "dark" else "light",
        is_mobile=is_phone,
        has_touch=is_phone,
        storage_state=state,
    ) as context:
        context.add_init_script(VIOLATIONS)
        visit = Visit(page=context.new_page(), shop=shop)
        visit.page.set_default_timeout(15_000)
        visit.page.on(
            "console",
            lambda said: (
                visit.wrong.append(said.text) if said.type in {"error", "warning"} else None
            ),
        )
        visit.page.on("pageerror", lambda error: visit.wrong.append(str(error)))
        yield visit


@pytest.fixture(scope="session")
def signed_in(chromium: Browser, shop: Shop) -> StorageState:
    """Sign in once; who signs out or becomes root goes through the door for that."""
    with browsing(chromium, shop) as visit:
        visit.sign_in()
        assert visit.wrong == []
        return visit.page.context.storage_state()


@pytest.fixture
def visit(chromium: Browser, shop: Shop, signed_in: StorageState) -> Iterator[Visit]:
    """Open a desktop browser, signed in."""
    with browsing(chromium, shop, state=signed_in) as opened:
        opened.open("/")
        yield opened
        assert opened.wrong == []


def keep(page: Page, folder: Path | None, name: str) -> None:
    """Keep a picture of a whole page, where pictures are wanted."""
    if folder is not None:
        page.screenshot(path=folder / f"{name}.png", full_page=True)
