# SPDX-License-Identifier: Apache-2.0
"""A portal on fresh databases, and customers with browsers, all in one process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from poser.config import load
from poser.model import Email, MembershipType, Store
from tests.web.conftest import Browser, Clock, Writer
from web.portal.app import create_portal
from web.portal.site import TEMPLATES, Portal, portal_assets
from web.rendering import Templates
from web.surroundings import Node
from web.wsgi import Wsgi

PASSWORD = "seven blue kettles sing"
OTHER_PASSWORD = "nine red lanterns hum"
SETTINGS = {
    "POSER_WEB_TIME_ZONE": "America/Chicago",
    "POSER_PORTAL_PUBLIC_URL": "https://my.example",
    "POSER_PORTAL_NAME": "Green Market",
}


@dataclass
class Customer(Browser):
    """A customer's browser."""

    def send(self, path: str, *, to: str = "", **fields: str) -> Any:  # noqa: ANN401
        """Open a page and send a form of it, to the same address unless told."""
        self.get(path)
        return self.post(to or path.partition("?")[0], {"csrf": self.token(), **fields})

    def sign_up(self, address: str, **more: str) -> Any:  # noqa: ANN401
        """Fill in the form to sign up."""
        fields = {
            "address": address,
            "given_name": "Ada",
            "family_name": "Ash",
            "language": "en",
            "agrees": "yes",
            **more,
        }
        return self.send("/sign-up", **fields)

    def enter(self, address: str, password: str = PASSWORD) -> Any:  # noqa: ANN401
        """Sign in."""
        return self.send("/sign-in", address=address, password=password)


@pytest.fixture(scope="session")
def portal_templates() -> Templates:
    """Compile the templates once."""
    return Templates(portal_assets(), TEMPLATES)


@pytest.fixture
def portal(engines: dict[str, Engine], clock: Clock, portal_templates: Templates) -> Portal:
    """Make the surroundings of a cloud node's portal behind HTTPS."""
    return Portal(
        config=load([], environment=SETTINGS),
        node=Node(name="cloud", role="cloud", release="r1"),
        engines=engines,
        templates=portal_templates,
        assets=portal_assets(),
        secret=b"0123456789abcdef" * 2,
        is_secure=True,
        clock=clock,
    )


@pytest.fixture
def portal_app(portal: Portal) -> Wsgi:
    """Make the portal."""
    return create_portal(portal)


@pytest.fixture
def guest(portal_app: Wsgi) -> Customer:
    """Somebody without an account."""
    return Customer(portal_app)


@pytest.fixture
def mails(poser: Writer) -> Callable[[], list[Email]]:
    """Give what reads the outbox, the oldest mail first."""

    def read(session: Session) -> list[Email]:
        found = list(session.scalars(select(Email).order_by(Email.id)))
        session.expunge_all()
        return found

    return lambda: poser(read)


Join = Callable[..., Customer]


@pytest.fixture
def join(portal_app: Wsgi, mails: Callable[[], list[Email]]) -> Join:
    """Give what signs somebody up, follows the mailed link, and leaves them signed in."""

    def joined(address: str, **more: str) -> Customer:
        customer = Customer(portal_app)
        assert customer.sign_up(address, **more).status_code == 200
        token = str(mails()[-1].data["token"])
        done = customer.send(f"/welcome?token={token}", token=token, password=PASSWORD)
        assert done.status_code == 303, customer.text
        return customer

    return joined


@pytest.fixture
def store(poser: Writer) -> Store:
    """Add a store to shop in."""

    def add(session: Session) -> Store:
        made = Store(number="9", name="Riverside")
        session.add(made)
        session.flush()
        session.expunge(made)
        return made

    return poser(add)


@pytest.fixture
def household(poser: Writer) -> str:
    """Offer a membership online, and keep another for the staff; gives the first one's id."""

    def add(session: Session) -> str:
        made = MembershipType(
            number="1", name="Household", equity_required=200, is_offered_online=True
        )
        session.add_all([made, MembershipType(number="2", name="Worker")])
        session.flush()
        return str(made.id)

    return poser(add)
