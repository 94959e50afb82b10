# SPDX-License-Identifier: Apache-2.0
"""A real Chromium that visits a really running web app, and notes whatever goes wrong."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error("CSP: " + event.violatedDirective + " " + event.blockedURI);
});
"""


@dataclass(kw_only=True)
class Shop:
    """A running app, and the address of one record of each kind."""

    url: str
    barcode: str
    product: str
    sale: str
    vendor: str
    run: str
    batch: str
    user: str
    role: str


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
        yield Shop(url=f"http://127.0.0.1:{port}", **found)


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


def visit_in(context: BrowserContext, shop: Shop) -> Visit:
    """Open an empty page whose complaints are noted."""
    context.add_init_script(VIOLATIONS)
    visit = Visit(page=context.new_page(), shop=shop)
    visit.page.set_default_timeout(15_000)
    visit.page.on(
        "console",
        lambda said: visit.wrong.append(said.text) if said.type in {"error", "warning"} else None,
    )
    visit.page.on("pageerror", lambda error: visit.wrong.append(str(error)))
    return visit


@pytest.fixture
def visit(chromium: Browser, shop: Shop) -> Iterator[Visit]:
    """Open a desktop browser, signed in."""
    with chromium.new_context(viewport={"width": 1280, "height": 800}) as context:
        opened = visit_in(context, shop)
        opened.sign_in()
        yield opened
        assert opened.wrong == []
