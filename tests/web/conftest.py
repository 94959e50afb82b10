# SPDX-License-Identifier: Apache-2.0
"""A web app on fresh databases, and browsers to visit it with, all in one process."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode

import pytest
from falcon import testing
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from control.frontend import put_in_place
from poser.config import load
from poser.db import engine, transaction
from poser.model import Product
from poser.trainwreck.model import PosTransaction
from tests.support.postgresql import Server
from tests.web.factories import (
    PASSWORD,
    add_discount,
    add_grocery,
    add_person,
    add_sale,
    add_tax,
)
from web.app import Wsgi, create_app
from web.assets import Assets
from web.rendering import Templates
from web.site import PAGE_TIMEOUT_MS, Node, Site

HOST = "store-1.example"
P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Clock:
    """A clock that tests set."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Browser:
    """One person's browser: keeps cookies, fills in forms, and says where it comes from."""

    app: Wsgi
    cookies: dict[str, str] = field(default_factory=dict)
    text: str = ""

    def get(self, path: str) -> testing.Result:
        """Open a page, without following where it sends."""
        return self._remember(self._ask("GET", path))

    def follow(self, path: str) -> testing.Result:
        """Open a page, and the page that it sends on to."""
        result = self.get(path)
        return self.get(result.headers["location"]) if "location" in result.headers else result

    def post(
        self,
        path: str,
        fields: Mapping[str, str],
        *,
        headers: Mapping[str, str] | None = None,
    ) -> testing.Result:
        """Send a form, as a browser does that opened it on this site."""
        said = {"Sec-Fetch-Site": "same-origin", "Origin": f"https://{HOST}"}
        return self._remember(
            self._ask(
                "POST",
                path,
                body=urlencode(fields),
                headers={
                    "Content-Type": "application/x-www-form-urlencoded",
                    **(said if headers is None else headers),
                },
            )
        )

    def token(self) -> str:
        """Read the token of the page that is open."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.text)
        assert found, "the page has no form"
        return found[1]

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> testing.Result:
        """Go to the door and sign in."""
        self.get("/sign-in")
        fields = {"csrf": self.token(), "name": name, "password": password, **more}
        return self.post("/sign-in", fields)

    def _ask(self, method: str, path: str, **more: Any) -> testing.Result:  # noqa: ANN401
        headers = {"Host": HOST, **more.pop("headers", {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        address, _, query = path.partition("?")
        return testing.simulate_request(
            self.app,
            method,
            address,
            query_string=query,
            headers=headers,
            **{"remote_addr": "192.0.2.7", **more},
        )

    def _remember(self, result: testing.Result) -> testing.Result:
        for cookie in result.cookies.values():
            if cookie.value and cookie.max_age != 0:
                self.cookies[cookie.name] = cookie.value
            else:
                self.cookies.pop(cookie.name, None)
        self.text = unescape(result.text) if "html" in (result.content_type or "") else ""
        return result


@dataclass(frozen=True)
class Writer:
    """Writes into one database: writer(function, arguments) commits function(session, ...)."""

    engine: Engine

    def __call__(
        self,
        function: Callable[Concatenate[Session, P], T],
        /,
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        with transaction(self.engine) as session:
            return function(session, *arguments, **named)


@pytest.fixture
def clock() -> Clock:
    """Give a clock that the app goes by."""
    return Clock()


@pytest.fixture
def engines(new_database: Callable[[str], Engine]) -> dict[str, Engine]:
    """Make both databases of a node, empty."""
    return {name: new_database(name) for name in ("poser", "trainwreck")}


@pytest.fixture(scope="session", autouse=True)
def frontend() -> None:
    """Put in place what a release brings besides our own files."""
    put_in_place()


@pytest.fixture(scope="session")
def compiled(frontend: None) -> Templates:  # noqa: ARG001
    """Compile the templates once."""
    return Templates(Assets())


def make_site(engines: dict[str, Engine], clock: Clock, compiled: Templates) -> Site:
    """Make the surroundings of a store's web app behind HTTPS."""
    return Site(
        config=load([], environment={"POSER_WEB_TIME_ZONE": "America/Chicago"}),
        node=Node(name="store-1", role="store", release="r1"),
        engines=engines,
        templates=compiled,
        assets=Assets(),
        secret=b"0123456789abcdef" * 2,
        is_secure=True,
        clock=clock,
    )


@pytest.fixture
def site(engines: dict[str, Engine], clock: Clock, compiled: Templates) -> Site:
    """Make a site of this test's own, on empty databases."""
    return make_site(engines, clock, compiled)


@pytest.fixture
def app(site: Site) -> Wsgi:
    """Make the app."""
    return create_app(site)


@pytest.fixture
def poser(engines: dict[str, Engine]) -> Writer:
    """Give a way to write into the poser database."""
    return Writer(engines["poser"])


@pytest.fixture
def trainwreck(engines: dict[str, Engine]) -> Writer:
    """Give a way to write into the database of POS transactions."""
    return Writer(engines["trainwreck"])


@pytest.fixture
def stranger(app: Wsgi) -> Browser:
    """Somebody who is not signed in."""
    return Browser(app)


@pytest.fixture
def admin(app: Wsgi, poser: Writer) -> Browser:
    """Somebody who may do everything."""
    poser(add_person, "ada", admin=True)
    browser = Browser(app)
    assert browser.sign_in("ada").status_code == 303
    return browser


@pytest.fixture
def staff(app: Wsgi, poser: Writer) -> Browser:
    """Somebody who may see products and nothing else."""
    poser(add_person, "sam", "products.view")
    browser = Browser(app)
    assert browser.sign_in("sam").status_code == 303
    return browser


@dataclass(kw_only=True)
class Shop:
    """A filled site that many tests look at and none changes."""

    site: Site
    app: Wsgi
    products: list[Product]
    sales: list[PosTransaction]
    cookies: dict[str, dict[str, str]]

    def browser(self, name: str = "") -> Browser:
        """Give the browser of a user, or of a stranger."""
        return Browser(self.app, dict(self.cookies.get(name, {})))


@pytest.fixture(scope="session")
def shop(postgresql: Server, templates: dict[str, str], compiled: Templates) -> Iterator[Shop]:
    """Fill a grocery with products and sales, and sign in ada (all rights) and sam (products)."""
    names = {kind: postgresql.create(template) for kind, template in templates.items()}
    engines = {
        kind: engine(postgresql.url(name), statement_timeout_ms=PAGE_TIMEOUT_MS)
        for kind, name in names.items()
    }
    site = make_site(engines, Clock(), compiled)
    with transaction(engines["poser"]) as session:
        products = add_grocery(session)
        add_person(session, "ada", admin=True)
        add_person(session, "sam", "products.view")
    with transaction(engines["trainwreck"]) as session:
        sales = [
            add_sale(session, products[n % 20 : n % 20 + 3], is_void=n == 3) for n in range(60)
        ]
        add_discount(session, sales[0], 1, "-0.50")
        add_discount(session, sales[0], None, "-1.00")
        add_tax(session, sales[0], "0.31")
    app = create_app(site)
    cookies = {}
    for name in ("ada", "sam"):
        browser = Browser(app)
        assert browser.sign_in(name).status_code == 303
        cookies[name] = browser.cookies
    yield Shop(site=site, app=app, products=products, sales=sales, cookies=cookies)
    site.close()
    for name in names.values():
        postgresql.drop(name)


@pytest.fixture
def ada(shop: Shop) -> Browser:
    """Somebody in the shop who may do everything."""
    return shop.browser("ada")


@pytest.fixture
def sam(shop: Shop) -> Browser:
    """Somebody in the shop who may see products and nothing else."""
    return shop.browser("sam")


@pytest.fixture
def statements(shop: Shop) -> Iterator[list[str]]:
    """List every statement that the shop's app sends to either database from now on."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    for each in shop.site.engines.values():
        event.listen(each, "before_cursor_execute", note)
    yield sent
    for each in shop.site.engines.values():
        event.remove(each, "before_cursor_execute", note)
