# SPDX-License-Identifier: Apache-2.0
"""Signing in to the portal, for how long, and what others get who try."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from poser.model import (
    Customer as CustomerRow,
)
from poser.model import (
    Email,
    PortalAccount,
    PortalEvent,
    PortalSession,
)
from tests.web.conftest import HOST, Browser, Clock, Writer
from tests.web.factories import PASSWORD as STAFF_PASSWORD
from tests.web.factories import add_person
from tests.web.portal.conftest import OTHER_PASSWORD, PASSWORD, Customer, Join
from web.app import create_app
from web.portal.app import routes_of
from web.portal.site import Portal
from web.site import Site
from web.wsgi import Wsgi

SID = "__Host-portal-session"
Mails = Callable[[], list[Email]]
CLOSED = ("/purchases", "/membership", "/details", "/leave", "/my-data.json")


def lock(session: Session, *, is_locked: bool = True) -> None:
    session.execute(update(PortalAccount).values(is_locked=is_locked))


def test_every_page_of_customers_sends_a_stranger_to_the_door(
    guest: Customer, portal: Portal, join: Join
) -> None:
    asked = {one.path for one in routes_of(portal) if one.deed.name != "COME_IN"}
    assert set(CLOSED) < asked
    for path in CLOSED:
        sent = guest.get(path)
        assert (sent.status_code, sent.headers["location"]) == (303, f"/sign-in?next=%2F{path[1:]}")
    ada = join("ada@example.com")
    for path in CLOSED:
        assert ada.get(path).status_code == 200


def test_the_session_cookie_is_for_this_host_https_and_no_script(
    join: Join, portal_app: Wsgi
) -> None:
    join("ada@example.com")
    cookie = Customer(portal_app).enter("ada@example.com").cookies[SID]
    assert (cookie.secure, cookie.http_only, cookie.same_site) == (True, True, "Lax")
    assert cookie.path == "/"
    assert not cookie.domain


def test_a_wrong_address_and_a_wrong_password_look_the_same(join: Join, guest: Customer) -> None:
    join("ada@example.com")
    for address, password in (("ada@example.com", "wrong"), ("eve@example.com", PASSWORD)):
        assert guest.enter(address, password).status_code == 403
        assert "That email address and password do not belong together." in guest.text
        assert SID not in guest.cookies


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil"])
def test_signing_in_never_leads_to_another_site(
    join: Join, guest: Customer, elsewhere: str
) -> None:
    join("ada@example.com")
    fields = {"address": "ada@example.com", "password": PASSWORD, "next": elsewhere}
    assert guest.send("/sign-in", **fields).headers["location"] == "/"


def test_guessing_waits_here_and_nobody_is_locked_out_elsewhere(
    join: Join, guest: Customer, clock: Clock
) -> None:
    join("ada@example.com")
    clock.advance(minutes=1)
    for _ in range(6):
        guest.enter("ada@example.com", "wrong")
    refused = guest.enter("ada@example.com")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    elsewhere = Customer(guest.app)
    elsewhere._ask = lambda m, p, **more: Browser._ask(  # type: ignore[method-assign]
        elsewhere, m, p, **{**more, "remote_addr": "198.51.100.9"}
    )
    assert elsewhere.enter("ada@example.com").status_code == 303
    clock.advance(minutes=20)
    assert guest.enter("ada@example.com").status_code == 303


def test_the_portals_door_and_the_staffs_are_apart(
    site: Site, guest: Customer, join: Join, poser: Writer
) -> None:
    """What goes wrong at one makes nobody wait at the other, and neither lets the other's in."""
    poser(add_person, "ada@example.com", admin=True)
    customer = join("ada@example.com")
    for _ in range(7):
        guest.enter("ada@example.com", "wrong")
    staff = Browser(create_app(site))
    assert staff.sign_in("ada@example.com", PASSWORD).status_code == 403
    assert staff.sign_in("ada@example.com", STAFF_PASSWORD).status_code == 303
    staff.cookies = dict.fromkeys(("__Host-poser-session", SID), customer.cookies[SID])
    assert staff.get("/customers").headers["location"].startswith("/sign-in")


def test_a_session_ends_unused_and_in_any_case(join: Join, clock: Clock) -> None:
    ada = join("ada@example.com")
    for _ in range(14):
        clock.advance(hours=11)
        assert ada.get("/details").status_code == 200
    clock.advance(hours=13)
    assert ada.get("/details").status_code == 303
    ada.enter("ada@example.com")
    for _ in range(16):
        clock.advance(hours=11)
        last = ada.get("/details").status_code
    assert last == 303, "seven days are the end however much it is used"


def test_signing_out_ends_the_session_in_the_database(join: Join, poser: Writer) -> None:
    ada = join("ada@example.com")
    cookie = dict(ada.cookies)
    assert ada.send("/", to="/sign-out").status_code == 303
    assert poser(lambda s: s.scalars(select(PortalSession)).all()) == []
    ada.cookies = cookie
    assert ada.get("/details").status_code == 303


def test_a_locked_account_is_out_at_once_and_gets_no_mail(
    join: Join, guest: Customer, poser: Writer, mails: Mails
) -> None:
    ada = join("ada@example.com")
    before = len(mails())
    poser(lock)
    assert ada.get("/details").status_code == 303
    assert guest.enter("ada@example.com").status_code == 403
    assert guest.send("/forgot", address="ada@example.com").status_code == 200
    assert guest.sign_up("ada@example.com").status_code == 200
    assert len(mails()) == before


def test_an_archived_customer_may_look_and_change_nothing(join: Join, poser: Writer) -> None:
    ada = join("ada@example.com")
    ada.get("/details")
    token = ada.token()
    poser(lambda s: s.execute(update(CustomerRow).values(is_archived=True)) and None)
    assert ada.get("/details").status_code == 200
    assert 'class="main"' not in ada.text
    fields = {"csrf": token, "form": "who", "given_name": "Eve", "was.given_name": "Ada"}
    assert ada.post("/details", fields).status_code == 403
    assert ada.post("/membership", {"csrf": token, "kind": "x"}).status_code == 403


def test_a_forgotten_password_is_chosen_anew_by_mail(
    join: Join, guest: Customer, mails: Mails
) -> None:
    ada = join("ada@example.com")
    for address in ("ada@example.com", "nobody@example.com"):
        assert guest.send("/forgot", address=address).status_code == 200
        assert "If there is an account with this address" in guest.text
    link = mails()[-1]
    assert (link.key, link.recipients) == ("portal_password", ["ada@example.com"])
    token = str(link.data["token"])
    done = guest.send(f"/new-password?token={token}", token=token, password=OTHER_PASSWORD)
    assert done.status_code == 303
    assert ada.get("/details").status_code == 303, "other devices are signed out"
    assert guest.get("/details").status_code == 200
    assert mails()[-1].key == "portal_changed"
    assert Customer(guest.app).enter("ada@example.com").status_code == 403
    assert Customer(guest.app).enter("ada@example.com", OTHER_PASSWORD).status_code == 303


FORGED = {
    "no token": ({}, None),
    "another's token": ({"csrf": "0" * 96}, None),
    "a foreign origin": (None, {"Origin": "https://evil.example"}),
    "a foreign site": (None, {"Sec-Fetch-Site": "cross-site"}),
    "a neighbour's site": (None, {"Sec-Fetch-Site": "same-site", "Origin": f"https://{HOST}"}),
    "no word of where it comes from": (None, {}),
}


@pytest.mark.parametrize("kind", FORGED)
@pytest.mark.parametrize("path", ["/details", "/membership", "/leave", "/sign-out", "/sign-in"])
def test_a_form_from_elsewhere_is_refused(join: Join, poser: Writer, kind: str, path: str) -> None:
    ada = join("ada@example.com")
    ada.get("/details")
    fields, headers = FORGED[kind]
    sent = {"proof": PASSWORD, **({"csrf": ada.token()} if fields is None else fields)}
    assert ada.post(path, sent, headers=headers).status_code == 403
    assert poser(lambda s: s.scalars(select(PortalAccount.is_locked)).all()) == [False]
    assert ada.get("/details").status_code == 200


def test_a_form_of_one_session_is_none_of_another(join: Join) -> None:
    ada, bob = join("ada@example.com"), join("bob@example.com")
    ada.get("/details")
    assert bob.post("/details", {"csrf": ada.token(), "form": "who"}).status_code == 403


def test_every_answer_has_the_headers(guest: Customer, join: Join) -> None:
    for path in ("/", "/sign-in", "/nowhere", "/static/nothing.css"):
        headers = guest.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert join("ada@example.com").get("/details").headers["cache-control"] == "no-store"


def test_no_page_has_a_script_or_a_style_of_its_own(join: Join, guest: Customer) -> None:
    ada = join("ada@example.com")
    for browser, path in [(guest, "/"), (guest, "/sign-up"), *((ada, one) for one in CLOSED[:4])]:
        text = browser.get(path).text
        assert "<script" not in text
        assert " style=" not in text


def test_what_happens_at_the_door_is_on_record(join: Join, guest: Customer, poser: Writer) -> None:
    join("ada@example.com")
    guest.enter("ada@example.com", "wrong")
    kinds = poser(lambda s: list(s.scalars(select(PortalEvent.kind).order_by(PortalEvent.id))))
    assert kinds == ["asked_for_mail", "confirmed", "signed_in", "wrong_password"]


def test_an_error_says_what_to_do_and_the_health_is_told(guest: Customer) -> None:
    assert guest.get("/nowhere").status_code == 404
    assert "There is no such page" in guest.text
    assert guest.get("/health").json["status"] == "ok"


def test_the_language_is_chosen_in_the_footer(guest: Customer) -> None:
    assert guest.send("/", to="/language", language="de", next="/sign-up").status_code == 303
    guest.get("/sign-up")
    assert 'lang="de"' in guest.text
    assert guest.send("/", to="/language", language="tlh").status_code == 400
