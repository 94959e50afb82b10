# SPDX-License-Identifier: Apache-2.0
"""Signing in and out: who gets in, for how long, and what a thief gets."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.model import SignInEvent, User, UserSession
from tests.web.conftest import Browser, Clock, Writer
from tests.web.factories import PASSWORD, add_person
from web.app import Wsgi

SID = "__Host-poser-session"


def test_a_stranger_is_sent_to_the_door_and_back_to_the_page(
    stranger: Browser, poser: Writer
) -> None:
    poser(add_person, "sam", "products.view")
    sent = stranger.get("/products?q=oat+milk&sort=-brand")
    assert sent.status_code == 303
    door = stranger.get(sent.headers["location"])
    assert door.status_code == 200
    assert 'name="next" value="/products?q=oat+milk&sort=-brand"' in stranger.text
    back = stranger.sign_in("sam", next="/products?q=oat+milk&sort=-brand")
    assert back.headers["location"] == "/products?q=oat+milk&sort=-brand"
    assert stranger.get(back.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
        "\\\\evil.example", "/\t/evil.example", " //evil.example", "http:evil.example",
    ],
)  # fmt: skip
def test_signing_in_never_leads_to_another_site(
    stranger: Browser, poser: Writer, elsewhere: str
) -> None:
    poser(add_person, "sam", "products.view")
    assert stranger.sign_in("sam", next=elsewhere).headers["location"] == "/"


@pytest.mark.parametrize(("name", "password"), [("sam", "wrong password"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_look_the_same(
    stranger: Browser, poser: Writer, name: str, password: str
) -> None:
    poser(add_person, "sam", "products.view")
    refused = stranger.sign_in(name, password)
    assert refused.status_code == 403
    assert "That name and password do not belong together." in stranger.text
    assert f'name="name" value="{name}"' in stranger.text
    assert password not in stranger.text
    assert SID not in stranger.cookies


def test_guessing_is_slowed_down_and_said_so(
    stranger: Browser, poser: Writer, clock: Clock
) -> None:
    poser(add_person, "sam", "products.view")
    for _ in range(7):
        refused = stranger.sign_in("sam", "wrong password")
    assert refused.status_code == 429
    assert "Too many tries went wrong. Wait" in stranger.text
    assert int(refused.headers["retry-after"]) >= 1
    assert stranger.sign_in("sam").status_code == 429, "even the right password has to wait"
    clock.advance(minutes=20)
    assert stranger.sign_in("sam").status_code == 303


def test_the_session_cookie_is_for_this_host_https_and_no_script(
    stranger: Browser, poser: Writer
) -> None:
    poser(add_person, "sam", "products.view")
    cookie = stranger.sign_in("sam").cookies[SID]
    assert (cookie.secure, cookie.http_only, cookie.same_site) == (True, True, "Lax")
    assert cookie.path == "/"
    assert not cookie.domain


def test_the_database_holds_no_token(admin: Browser, poser: Writer) -> None:
    token = admin.cookies[SID]
    kept = poser(lambda session: session.scalars(select(UserSession.token_sha256)).all())
    assert len(kept) == 1
    assert token.encode() not in kept[0]


def test_each_sign_in_gets_a_new_token(admin: Browser, app: Wsgi) -> None:
    again = Browser(app)
    again.cookies[SID] = "chosen-by-an-attacker"
    again.sign_in("ada")
    assert again.cookies[SID] not in {"chosen-by-an-attacker", admin.cookies[SID]}


def test_signing_out_ends_the_session_for_every_copy_of_its_cookie(
    admin: Browser, app: Wsgi
) -> None:
    thief = Browser(app, dict(admin.cookies))
    assert thief.get("/").status_code == 200
    out = admin.post("/sign-out", {"csrf": _token(admin, "/")})
    assert out.headers["location"] == "/sign-in?was=out"
    assert SID not in admin.cookies
    assert thief.get("/").status_code == 303
    admin.get("/sign-in?was=out")
    assert "You are signed out." in admin.text


@pytest.mark.parametrize("span", [{"hours": 12, "seconds": 1}, {"days": 8}])
def test_an_unused_session_ends(admin: Browser, clock: Clock, span: dict[str, float]) -> None:
    clock.advance(**span)
    assert admin.get("/").status_code == 303


def test_a_used_session_lives_on_but_not_for_ever(admin: Browser, clock: Clock) -> None:
    for _ in range(16):  # 16 times 10 hours: used often, yet within a week
        clock.advance(hours=10)
        assert admin.get("/").status_code == 200
    clock.advance(hours=10)
    assert admin.get("/").status_code == 303


def test_a_session_survives_a_clock_that_was_wrong_for_a_while(
    admin: Browser, clock: Clock
) -> None:
    clock.advance(days=1000)
    assert admin.get("/").status_code == 303
    clock.advance(days=-1000)
    assert admin.get("/").status_code == 200


def test_somebody_made_inactive_is_out_at_once(staff: Browser, poser: Writer) -> None:
    def deactivate(session: Session) -> None:
        session.scalars(select(User).where(User.name == "sam")).one().is_active = False

    assert staff.get("/").status_code == 200
    poser(deactivate)
    assert staff.get("/").status_code == 303


def test_who_is_in_skips_the_door(admin: Browser) -> None:
    assert admin.get("/sign-in?next=/products").headers["location"] == "/products"


def test_tries_are_recorded_with_the_address_of_the_browser(
    stranger: Browser, poser: Writer
) -> None:
    stranger.sign_in("nobody", "wrong password")
    event = poser(lambda session: session.scalars(select(SignInEvent)).one())
    assert (event.name, event.kind, event.address) == ("nobody", "unknown_user", "192.0.2.7")


@pytest.mark.parametrize(
    ("peer", "header", "recorded"),
    [
        ("", "198.51.100.4", "198.51.100.4"),
        ("", "203.0.113.1, 198.51.100.4", "198.51.100.4"),
        ("192.0.2.7", "198.51.100.4", "192.0.2.7"),
    ],
)
def test_a_forwarded_address_is_believed_on_the_unix_socket_only(
    stranger: Browser, poser: Writer, peer: str, header: str, recorded: str
) -> None:
    stranger.get("/sign-in")
    fields = {"csrf": stranger.token(), "name": "nobody", "password": "wrong password"}
    stranger._ask(
        "POST",
        "/sign-in",
        body="&".join(f"{k}={v.replace(' ', '+')}" for k, v in fields.items()),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
            "X-Forwarded-For": header,
        },
        remote_addr=peer,
    )
    event = poser(lambda session: session.scalars(select(SignInEvent)).one())
    assert event.address == recorded


def _token(browser: Browser, path: str) -> str:
    browser.get(path)
    return browser.token()
