# SPDX-License-Identifier: Apache-2.0
"""The one statement that finds out who asks, held against the rules of poser.auth."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from poser.auth import find_session, rights
from poser.model import User, UserRole, UserRolePermission, UserSession
from tests.web.conftest import Browser, Clock, Writer
from tests.web.factories import add_person
from web.app import Wsgi

SPANS = [timedelta(), timedelta(hours=11), timedelta(hours=12, seconds=1), timedelta(days=8)]


def _add_role(session: Session, name: str, *permissions: str) -> None:
    role = UserRole(name=f"another of {name}")
    role.permissions = [UserRolePermission(permission=each) for each in permissions]
    user = session.scalars(select(User).where(User.name == name)).one()
    user.user_roles.append(role)


def _set_active(session: Session, name: str, *, active: bool) -> None:
    session.execute(update(User).where(User.name == name).values(is_active=active))


def _by_the_rules(session: Session, token: str, clock: Clock) -> object:
    found = find_session(session, token, now=clock())
    if found is None:
        return None
    may = rights(session, found.user_id)
    return (found.user.name, may.has_all, may.permissions)


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("active", [True, False])
def test_it_agrees_with_the_rules(
    app: Wsgi, poser: Writer, clock: Clock, span: timedelta, *, active: bool
) -> None:
    poser(add_person, "ada", admin=True)
    poser(add_person, "eve", admin=True)  # who stays: somebody must be left
    poser(add_person, "sam", "products.view", "pos_transactions.view")
    poser(add_person, "kim")
    poser(_add_role, "sam", "products.view", "stores.edit")
    browsers = {name: Browser(app) for name in ("ada", "sam", "kim")}
    for name, browser in browsers.items():
        browser.sign_in(name)
        poser(_set_active, name, active=active)
    clock.now += span
    for name, browser in browsers.items():
        rules = poser(_by_the_rules, browser.cookies["__Host-poser-session"], clock)
        lets_in = browser.get("/").status_code == 200
        assert lets_in == (rules is not None)
        expected = {"ada": (True, 200), "sam": (False, 200), "kim": (False, 403)}[name]
        if rules is not None:
            assert browser.get("/products").status_code == expected[1]
            assert browser.get("/pos-transactions").status_code == expected[1]


def test_a_token_of_another_kind_finds_nobody(app: Wsgi, poser: Writer) -> None:
    poser(add_person, "ada", admin=True)
    Browser(app).sign_in("ada")
    hashed = poser(lambda session: session.scalars(select(UserSession.token_sha256)).one())
    for token in ("", "x", hashed.hex(), "é" * 10, "'" * 30, "x" * 5000):
        assert Browser(app, {"__Host-poser-session": token}).get("/").status_code == 303
