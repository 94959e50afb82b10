# SPDX-License-Identifier: Apache-2.0
"""What the staff sees of customers' accounts, does with them, and never gets to see."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from poser.config import load
from poser.model import Email, PortalAccount, PortalSession
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person
from tests.web.portal.conftest import SETTINGS, Customer, Join
from web.app import create_app
from web.site import Site

Mails = Callable[[], list[Email]]


def press(browser: Browser, account: UUID, button: str) -> int:
    path = f"/portal-accounts/{account}"
    browser.get(path)
    answer = browser.post(f"{path}/{button}", {"csrf": browser.token()})
    return int(answer.status_code)


def test_an_account_is_locked_and_unlocked(join: Join, admin: Browser, poser: Writer) -> None:
    ada = join("ada@example.com")
    account = poser(lambda session: session.scalars(select(PortalAccount.id)).one())
    admin.get("/portal-accounts")
    assert "ada@example.com" in admin.text
    assert press(admin, account, "lock") == 303
    assert poser(lambda session: session.scalars(select(PortalSession.id)).all()) == []
    assert ada.get("/details").status_code == 303
    assert ada.enter("ada@example.com").status_code == 403
    assert press(admin, account, "unlock") == 303
    assert ada.enter("ada@example.com").status_code == 303


def test_the_link_of_an_application_is_mailed_again(
    guest: Customer, admin: Browser, poser: Writer, mails: Mails
) -> None:
    guest.sign_up("ada@example.com", language="de")
    account = poser(lambda session: session.scalars(select(PortalAccount.id)).one())
    assert press(admin, account, "send-again") == 303
    first, second = mails()
    assert (second.key, second.data["language"]) == ("portal_confirm", "de")
    assert guest.get(f"/welcome?token={first.data['token']}").status_code == 410
    assert guest.get(f"/welcome?token={second.data['token']}").status_code == 200


def test_a_confirmed_account_gets_no_such_link(join: Join, admin: Browser, poser: Writer) -> None:
    join("ada@example.com")
    account = poser(lambda session: session.scalars(select(PortalAccount.id)).one())
    assert press(admin, account, "send-again") == 409


def test_who_may_not_see_accounts_does_not(
    join: Join, staff: Browser, poser: Writer, site: Site
) -> None:
    join("ada@example.com")
    account = poser(lambda session: session.scalars(select(PortalAccount.id)).one())
    assert staff.get("/portal-accounts").status_code == 403
    poser(add_person, "vic", "portal_accounts.view")
    viewer = Browser(create_app(site))
    viewer.sign_in("vic")
    assert viewer.get(f"/portal-accounts/{account}").status_code == 200
    assert press(viewer, account, "lock") == 403


def test_no_page_of_the_staff_shows_hashes_or_links(
    *, guest: Customer, join: Join, admin: Browser, poser: Writer, mails: Mails, site: Site
) -> None:
    linked = replace(site, config=load([], environment=SETTINGS))
    admin = Browser(create_app(linked), admin.cookies)
    join("ada@example.com")
    guest.sign_up("bob@example.com", given_name="Robert")
    mail = mails()[-1]
    token = str(mail.data["token"])
    accounts = poser(lambda session: session.scalars(select(PortalAccount.id)).all())
    paths = [f"/portal-accounts/{one}" for one in accounts]
    paths += ["/portal-accounts", "/portal-accounts.csv", "/api/v1/portal-accounts", "/emails"]
    paths += [f"/emails/portal_confirm/preview?mail={mail.id}", "/emails/portal_confirm"]
    for path in paths:
        text = admin.get(path).text
        assert "argon2" not in text, path
        assert token not in text, path
    assert "the-link-that-only-the-customer-gets" in admin.get(paths[-2]).text


def test_the_staff_gives_a_home_store(join: Join, admin: Browser) -> None:
    join("ada@example.com")
    admin.get("/customers")
    assert admin.get("/customers/new").status_code == 200
    assert 'name="home_store_id"' in admin.text
