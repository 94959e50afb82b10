# SPDX-License-Identifier: Apache-2.0
"""The customers' portal, walked through by a customer with a real browser, on any device."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine, select

from poser.db import engine, transaction
from poser.model import Customer, Email, MembershipType, PortalAccount, Product, Store
from tests.browser.conftest import Shop, Visit, browsing, keep
from tests.browser.node import start_service
from tests.browser.test_pages import violations
from tests.support.postgresql import Server
from tests.web.factories import add_grocery, add_sale, add_tax
from tests.web.running import free_port, stop, write_settings

pytestmark = pytest.mark.browser

PASSWORD = "seven blue kettles sing"
KINDS = ("desktop-light", "desktop-dark", "phone-light", "phone-dark")
NO_SIDEWAYS = "document.documentElement.scrollWidth <= innerWidth"


class Portal:
    """A running portal: where it is, and the databases behind it."""

    def __init__(self, url: str, engines: dict[str, Engine]) -> None:
        self.url = url
        self.engines = engines

    def token(self) -> str:
        """Read the newest mailed link from the outbox."""
        with transaction(self.engines["poser"]) as session:
            newest = select(Email).where(Email.key.startswith("portal_")).order_by(Email.id.desc())
            return str(session.scalars(newest.limit(1)).one().data["token"])

    def sell(self, address: str) -> None:
        """Ring up two purchases of a customer in two months."""
        with transaction(self.engines["poser"]) as session:
            number = session.scalars(
                select(Customer.number)
                .join(PortalAccount, PortalAccount.customer_id == Customer.id)
                .where(PortalAccount.address == address)
            ).one()
            products = list(session.scalars(select(Product).order_by(Product.id).limit(6)))
            session.expunge_all()
        with transaction(self.engines["trainwreck"]) as session:
            add_tax(session, add_sale(session, products, customer_number=number), "0.62")
            october = datetime(2026, 10, 3, 17, tzinfo=UTC)
            add_sale(
                session,
                products[:2],
                customer_number=number,
                business_date=date(2026, 10, 3),
                ended_at=october,
            )


@pytest.fixture(scope="module")
def portal(
    postgresql: Server, templates: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    """Run a portal of a retailer with two stores and a membership."""
    names = {kind: postgresql.create(template) for kind, template in templates.items()}
    urls = {kind: postgresql.url(name) for kind, name in names.items()}
    engines = {kind: engine(url) for kind, url in urls.items()}
    with transaction(engines["poser"]) as session:
        add_grocery(session)
        session.add(Store(number="12", name="Hilltop"))
        session.add(
            MembershipType(
                number="1", name="Household", equity_required=200, is_offered_online=True
            )
        )
    port, folder = free_port(), tmp_path_factory.mktemp("portal")
    settings = write_settings(folder, urls, time_zone="America/Chicago")
    with settings.open("a") as file:
        file.write(
            f"[portal]\nbind = 127.0.0.1:{port}\npublic_url = http://127.0.0.1:{port}\n"
            "name = Green Market\nsecret_file = secret\nworkers = 1\n"
        )
    process = start_service("web.portal.serve", settings)
    yield Portal(f"http://127.0.0.1:{port}", engines)
    stop(process)
    for each in engines.values():
        each.dispose()


@pytest.fixture(params=KINDS)
def visit(request: pytest.FixtureRequest, chromium: Browser, portal: Portal) -> Iterator[Visit]:
    """Open a browser that must not complain."""
    there = Shop(
        **{**dict.fromkeys(Shop.__dataclass_fields__, ""), "url": portal.url}  # what is not asked
    )
    with browsing(chromium, there, request.param) as opened:
        yield opened
        assert opened.wrong == []


def looks_right(page: Page, axe: str, folder: Path | None, name: str) -> None:
    """See that a page keeps nobody out and is not too wide, and keep its picture."""
    keep(page, folder, f"portal-{name}")
    assert page.evaluate(NO_SIDEWAYS), f"{name} is too wide"
    assert violations(page, axe) == [], name


def test_a_customer_signs_up_and_finds_their_way(  # noqa: PLR0915 - one walk
    request: pytest.FixtureRequest,
    visit: Visit,
    portal: Portal,
    axe: str,
    screenshots: Path | None,
) -> None:
    kind = request.node.callspec.params["visit"]
    page, address = visit.page, f"ada-{kind}@example.com"

    def look(name: str) -> None:
        looks_right(page, axe, screenshots, f"{name}-{kind}")

    visit.open("/")
    look("front")
    page.click("main >> text=Sign up")
    look("sign-up")
    page.click("button.main")
    assert "please fill this in" in page.inner_text("main").lower()
    look("sign-up-wrong")
    assert [one for one in visit.wrong if "422" not in one] == []
    visit.wrong.clear()  # the browser says of what it is told that it failed
    page.fill("#address", address)
    page.fill("#given_name", "Ada")
    page.fill("#family_name", "Ash")
    page.fill("#phone", "+1 217 555 0117")
    page.select_option("#home_store", label="Riverside")
    page.check("#news")
    page.check("#agrees")
    page.click("button.main")
    page.wait_for_selector("text=A mail is on its way")
    look("mailed")

    visit.open(f"/welcome?token={portal.token()}")
    look("welcome")
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_selector("text=Welcome! Your account is ready.")
    look("home-new")
    portal.sell(address)

    page.click("text=Sign out")
    page.wait_for_selector("text=You are signed out.")
    visit.open("/purchases")
    look("sign-in")
    page.fill("#address", address)
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_url("**/purchases")
    assert "November 2026" in page.inner_text("main")
    look("purchases")
    page.select_option("#month", "2026-10")
    page.click("text=Show")
    assert "October 2026" in page.inner_text("h2")
    page.click(".rows a")
    page.wait_for_selector("text=Receipt")
    look("receipt")
    visit.open("/")
    look("home")

    page.click("nav.places >> text=About me")
    page.fill("#family_name", "Berg")
    page.click("section:has(#family_name) button.main")
    page.wait_for_selector("text=Saved.")
    assert page.input_value("#family_name") == "Berg"
    for each in page.query_selector_all("summary"):
        each.click()
    look("details")

    page.click("nav.places >> text=Membership")
    look("membership")
    page.check("input[name=kind]")
    page.click("button.main")
    page.wait_for_selector("text=Thank you!")
    look("membership-asked")

    visit.open("/leave")
    look("leave")
    page.click("footer >> text=Deutsch")
    page.wait_for_selector("text=Mein Konto löschen")
    visit.open("/")
    look("home-german")


def test_pages_that_say_what_is_wrong(
    visit: Visit, axe: str, screenshots: Path | None, request: pytest.FixtureRequest
) -> None:
    kind = request.node.callspec.params["visit"]
    for name, path in {"link-over": "/welcome?token=old", "forgot": "/forgot"}.items():
        visit.open(path)
        looks_right(visit.page, axe, screenshots, f"{name}-{kind}")
    visit.wrong.clear()  # the browser says of a 410 that it is one
