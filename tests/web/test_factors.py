# SPDX-License-Identifier: Apache-2.0
"""Codes of phones and of paper, own password, sessions, tokens, and challenges of passkeys."""

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import falcon
import pyotp
import pytest
from falcon import testing
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from poser.auth.factors import address_of
from poser.auth.passkeys import is_fresh, make_challenge
from poser.model import (
    SignInEvent,
    User,
    UserApiToken,
    UserPasskey,
    UserRecoveryCode,
    UserSession,
    UserTotp,
)
from tests.web.conftest import HOST, Browser, Clock, Writer
from tests.web.factories import PASSWORD, add_person
from web.app import create_app
from web.pages import Pages
from web.permissions import Permission, Route
from web.qr import qr
from web.site import Site
from web.visits import visit

SEE_VENDORS = Permission("vendors.view", "See vendors")
EDIT_VENDORS = Permission("vendors.edit", "Change vendors")


def press(browser: Browser, do: str, **fields: str) -> testing.Result:
    """Press a button of one's own page."""
    browser.get("/me")
    return browser.post("/me", {"csrf": browser.token(), "do": do, **fields})


def set_up_phone(browser: Browser, poser: Writer, clock: Clock) -> tuple[pyotp.TOTP, list[str]]:
    """Let a user's phone make codes; gives the phone, and the codes for paper."""
    assert press(browser, "phone", proof=PASSWORD).status_code == 303
    secret = poser(lambda s: s.scalars(select(UserTotp.secret)).one())
    phone = pyotp.TOTP(secret)
    assert press(browser, "confirm", code=phone.at(clock())).status_code == 200
    return phone, re.findall(r"<code>([0-9a-z]{4}(?:-[0-9a-z]{4}){3})</code>", browser.text)


def door(browser: Browser, code: str) -> testing.Result:
    """Come to the door with the right password, and then with a code."""
    sent = browser.sign_in("sam", next="/vendors")
    assert sent.headers["location"] == "/sign-in/code?next=%2Fvendors"
    assert browser.get("/vendors").status_code == 303, "the password alone lets nobody in"
    browser.get(sent.headers["location"])
    return browser.post(
        "/sign-in/code", {"csrf": browser.token(), "code": code, "next": "/vendors"}
    )


@pytest.fixture
def sam(app: Any, poser: Writer) -> Browser:  # noqa: ANN401 - the WSGI app
    poser(add_person, "sam", "vendors.view")
    browser = Browser(app)
    assert browser.sign_in("sam").status_code == 303
    return browser


def test_a_phone_is_asked_for_its_code_and_each_code_is_taken_once(
    sam: Browser, poser: Writer, clock: Clock
) -> None:
    phone, _papers = set_up_phone(sam, poser, clock)
    clock.advance(minutes=2)
    code = phone.at(clock())
    other = Browser(sam.app)
    let_in = door(other, code)
    assert let_in.headers["location"] == "/vendors"
    assert other.get("/vendors").status_code == 200
    thief = Browser(sam.app)
    assert door(thief, code).status_code == 403
    assert thief.get("/vendors").status_code == 303
    clock.advance(minutes=2)
    assert door(Browser(sam.app), "000000" if code != "000000" else "111111").status_code == 403
    kinds = poser(lambda s: list(s.scalars(select(SignInEvent.kind).order_by(SignInEvent.id))))
    assert kinds == ["signed_in", "factor_added", "signed_in", "wrong_code", "wrong_code"]


def test_a_code_of_paper_lets_in_once_without_the_phone(
    sam: Browser, poser: Writer, clock: Clock
) -> None:
    _phone, papers = set_up_phone(sam, poser, clock)
    assert len(papers) == 10
    kept = poser(lambda s: list(s.scalars(select(UserRecoveryCode.code_sha256))))
    assert all(papers[0].replace("-", "").encode() not in each for each in kept)
    clock.advance(minutes=1)
    assert door(Browser(sam.app), papers[0].upper()).status_code == 303
    assert door(Browser(sam.app), papers[0]).status_code == 403
    assert door(Browser(sam.app), papers[1]).status_code == 303


def test_guessing_codes_is_slowed_down(sam: Browser, poser: Writer, clock: Clock) -> None:
    set_up_phone(sam, poser, clock)
    clock.advance(minutes=1)
    guesser = Browser(sam.app)
    guesser.get(guesser.sign_in("sam").headers["location"])
    statuses = [
        guesser.post("/sign-in/code", {"csrf": guesser.token(), "code": "12345"}).status_code
        for _ in range(7)
    ]
    assert statuses[0] == 403
    assert statuses[-1] == 429


def test_a_password_that_was_right_is_forgotten_after_five_minutes(
    sam: Browser, poser: Writer, clock: Clock
) -> None:
    phone, _papers = set_up_phone(sam, poser, clock)
    clock.advance(minutes=1)
    slow = Browser(sam.app)
    slow.get(slow.sign_in("sam").headers["location"])
    clock.advance(minutes=5)
    sent = slow.post("/sign-in/code", {"csrf": slow.token(), "code": phone.at(clock())})
    assert sent.headers["location"] == "/sign-in?was=late"


@pytest.mark.parametrize("do", ["password", "phone", "codes", "passkey", "token", "remove-phone"])
def test_what_lets_in_is_changed_only_with_proof(sam: Browser, poser: Writer, do: str) -> None:
    fields = {"password": "another password", "again": "another password", "all": "yes"}
    refused = press(sam, do, proof="not my password", description="x", **fields)
    assert refused.status_code == 403
    assert not poser(lambda s: list(s.scalars(select(UserTotp.id))))
    assert not poser(lambda s: list(s.scalars(select(UserApiToken.id))))
    assert Browser(sam.app).sign_in("sam").status_code == 303


def test_a_passkey_is_removed_only_with_proof(sam: Browser, poser: Writer) -> None:
    def add(session: Session) -> UUID:
        user = session.scalars(select(User.id).where(User.name == "sam")).one()
        passkey = UserPasskey(user_id=user, name="laptop", credential_id=b"x", public_key=b"y")
        session.add(passkey)
        session.flush()
        return passkey.id

    do = f"remove-passkey:{poser(add)}"
    for proof in ({}, {"proof": "not my password"}):
        assert press(sam, do, **proof).status_code == 403
        assert poser(lambda s: s.scalars(select(func.count(UserPasskey.id))).one()) == 1
    assert press(sam, do, proof=PASSWORD).status_code == 303
    assert poser(lambda s: s.scalars(select(func.count(UserPasskey.id))).one()) == 0


@pytest.mark.parametrize("easy", ["samsamsam-sam", "Password2026!"])
def test_a_password_that_is_guessed_first_is_not_taken(sam: Browser, easy: str) -> None:
    sent = press(sam, "password", proof=PASSWORD, password=easy, again=easy)
    assert sent.status_code == 422
    assert "easy to guess" in sam.text
    assert Browser(sam.app).sign_in("sam").status_code == 303, "the password is the old one"


def test_a_new_password_ends_all_other_sessions(sam: Browser) -> None:
    other = Browser(sam.app)
    other.sign_in("sam")
    new = {"password": "another password", "again": "another password"}
    assert press(sam, "password", proof=PASSWORD, **(new | {"again": "a typo"})).status_code == 422
    assert (
        press(sam, "password", proof=PASSWORD, password="short", again="short").status_code == 422
    )
    assert other.get("/vendors").status_code == 200
    assert press(sam, "password", proof=PASSWORD, **new).status_code == 303
    assert sam.get("/vendors").status_code == 200
    assert other.get("/vendors").status_code == 303
    assert Browser(sam.app).sign_in("sam").status_code == 403
    assert Browser(sam.app).sign_in("sam", "another password").status_code == 303


def test_somebody_ends_their_own_sessions_and_nobody_elses(sam: Browser, poser: Writer) -> None:
    poser(add_person, "ada", admin=True)
    ada, other = Browser(sam.app), Browser(sam.app)
    ada.sign_in("ada")
    other.sign_in("sam")
    by_ada = select(UserSession.id).join(User).where(User.name == "ada")
    hers = poser(lambda s: s.scalars(by_ada).one())
    assert press(sam, f"session:{hers}").status_code == 404
    assert press(sam, "session:nonsense").status_code == 404
    assert press(sam, "others").status_code == 303
    assert ada.get("/").status_code == 200
    assert other.get("/").status_code == 303
    assert sam.get("/").status_code == 200


class _Echo:
    """A page for programs: says who asks."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"name": visit(req).visitor.name}

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"name": visit(req).visitor.name}


@pytest.fixture
def programs(site: Site, app: Any) -> testing.TestClient:  # noqa: ANN401, ARG001 - makes the pages
    routes = (
        Route(path="/api/see", page=_Echo(), need=SEE_VENDORS),
        Route(path="/api/edit", page=_Echo(), need=EDIT_VENDORS),
        Route(path="/see", page=_Echo(), need=SEE_VENDORS),
    )
    return testing.TestClient(create_app(site, Pages(routes=routes, menu=())))


def asked(
    client: testing.TestClient, token: str, path: str = "/api/see", method: str = "GET"
) -> int:
    headers = {"Host": HOST, "Authorization": f"Bearer {token}", "Content-Length": "0"}
    return int(client.simulate_request(method, path, headers=headers).status_code)


def make_token(browser: Browser, **fields: str) -> str:
    made = press(browser, "token", proof=PASSWORD, description="Scale", days="7", **fields)
    assert made.status_code == 200
    found = re.search(r"<code>(poser_[\w-]{43})</code>", browser.text)
    assert found
    return found[1]


def test_a_token_acts_for_its_user_within_its_scopes_for_its_time(
    sam: Browser, poser: Writer, clock: Clock, programs: testing.TestClient
) -> None:
    poser(add_person, "ada", admin=True)
    ada = Browser(sam.app)
    ada.sign_in("ada")
    token = make_token(ada, **{"scope.vendors.view": "yes"})
    assert token.encode() not in poser(lambda s: s.scalars(select(UserApiToken.token_sha256)).one())
    assert asked(programs, token) == 200
    assert asked(programs, token, method="POST") == 200, "no browser, so no form is asked for"
    assert asked(programs, token, "/api/edit") == 403
    assert asked(programs, token, "/see") == 303, "pages for people take no tokens"
    for wrong in ("", token[:-1], token + "x", "poser_" + "a" * 43):
        assert asked(programs, wrong) == 401
    assert asked(programs, make_token(ada, all="yes"), "/api/edit") == 200
    clock.advance(days=7)
    assert asked(programs, token) == 401


def test_a_token_never_has_more_than_its_user_has_now(
    sam: Browser, poser: Writer, programs: testing.TestClient
) -> None:
    token = make_token(sam, all="yes")
    assert asked(programs, token) == 200
    assert asked(programs, token, "/api/edit") == 403

    def dismiss(session: Session) -> None:
        session.execute(update(User).values(is_active=False))

    poser(dismiss)
    assert asked(programs, token) == 401


def test_a_cookie_writes_nothing_where_programs_write(
    sam: Browser, programs: testing.TestClient
) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in sam.cookies.items())
    headers = {"Host": HOST, "Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
    read = programs.simulate_get("/api/see", headers=headers)
    assert read.json == {"name": "sam"}
    sent = programs.simulate_post("/api/see", headers={**headers, "Content-Length": "0"})
    assert sent.status_code == 401


NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_a_challenge_is_good_for_its_browser_and_a_few_minutes() -> None:
    text = make_challenge(b"secret", "seed", NOW)
    challenge = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert is_fresh(b"secret", "seed", challenge, NOW + timedelta(minutes=9))
    assert not is_fresh(b"secret", "seed", challenge, NOW + timedelta(minutes=11))
    assert not is_fresh(b"secret", "other", challenge, NOW)
    assert not is_fresh(b"other", "seed", challenge, NOW)
    assert not is_fresh(b"secret", "", challenge, NOW)
    assert not is_fresh(b"secret", "seed", challenge[:-1], NOW)
    assert not is_fresh(b"secret", "seed", b"", NOW)


@pytest.mark.parametrize("answer", ["", "{}", "[]", '{"rawId": 3}', "[" * 30_000, '{"rawId": "é"}'])
def test_an_answer_that_no_device_gave_lets_nobody_in(stranger: Browser, answer: str) -> None:
    stranger.get("/sign-in")
    sent = stranger.post("/sign-in/passkey", {"csrf": stranger.token(), "answer": answer})
    assert sent.status_code == 403
    assert "This passkey lets nobody in here." in stranger.text


def test_the_picture_is_there_while_a_key_waits_and_never_again(
    sam: Browser, poser: Writer, clock: Clock
) -> None:
    assert sam.get("/me").status_code == 200
    assert 'class="qr"' not in sam.text
    press(sam, "phone", proof=PASSWORD)
    sam.get("/me")
    secret = poser(lambda s: s.scalars(select(UserTotp.secret)).one())
    address = address_of(secret, name="sam", node="store-1")
    assert pyotp.parse_uri(address).secret == secret
    assert qr(address).path in sam.text
    assert " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) in sam.text
    assert "style=" not in sam.text
    press(sam, "confirm", code=pyotp.TOTP(secret).at(clock()))
    sam.get("/me")
    assert 'class="qr"' not in sam.text
    assert secret[:4] not in sam.text
