# SPDX-License-Identifier: Apache-2.0
"""Signing in: who gets in, who must wait, and what is on record."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select, text, update

from poser.auth import (
    ADMINISTRATORS,
    Caller,
    NeedsCode,
    Refused,
    SignedIn,
    add_user,
    close_session,
    find_session,
    rights,
    set_password,
    sign_in,
    sign_out,
    touch,
)
from poser.auth import passwords as passwords_module
from poser.auth.sessions import IDLE, LONGEST
from poser.auth.throttle import FREE_TRIES, MANY
from poser.db import transaction
from poser.db.base import Model
from poser.db.upkeep import keep_up
from poser.errors import PoserError
from poser.model import SignInEvent, SignInKind, User, UserRole, UserRolePermission, UserSession
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PASSWORD = "correct horse battery"
HOME, ELSEWHERE = "192.0.2.7", "198.51.100.9"
Door = Callable[..., SignedIn | Refused]


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with little work; one test below measures with the real amount."""
    cheap = passwords_module.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords_module, "_HASHER", cheap)


@pytest.fixture
def db(poser_db: Engine) -> Engine:
    with transaction(poser_db) as session:
        add_user(session, "Anna", password=PASSWORD)
        add_user(session, "bob", password=PASSWORD)
    return poser_db


@pytest.fixture
def door(db: Engine) -> Door:
    """Give a function that tries to sign in and commits, as the web app does."""

    def knock(
        name: str = "anna",
        password: str = PASSWORD,
        *,
        address: str | None = HOME,
        after: timedelta = timedelta(),
    ) -> SignedIn | Refused:
        with transaction(db) as session:
            answer = sign_in(session, name, password, caller(address, after))
            assert not isinstance(answer, NeedsCode)
            return answer

    return knock


def caller(address: str | None = HOME, after: timedelta = timedelta()) -> Caller:
    return Caller(address=address, now=NOW + after, user_agent="test")


def kind_of(answer: SignedIn | Refused) -> str:
    return answer.kind.value if isinstance(answer, Refused) else "signed_in"


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_the_right_password_opens_a_session_that_its_token_finds(db: Engine, door: Door) -> None:
    answer = door("  ANNA ")
    assert isinstance(answer, SignedIn)
    with transaction(db, read_only=True) as session:
        found = find_session(session, answer.token, now=NOW)
        assert found is not None
        assert found.user.name == "anna"
        assert found.user.last_sign_in_at == NOW
        assert answer.token.encode() not in found.token_sha256
        assert find_session(session, answer.token + "x", now=NOW) is None
        assert find_session(session, "\udc80", now=NOW) is None


@pytest.mark.parametrize(
    ("name", "password", "kind"),
    [
        ("anna", "wrong", SignInKind.WRONG_PASSWORD),
        ("anna", "", SignInKind.WRONG_PASSWORD),
        ("nobody", PASSWORD, SignInKind.UNKNOWN_USER),
        ("", "", SignInKind.UNKNOWN_USER),
        ("ann\0a\udc80'--", "x" * 10_000, SignInKind.UNKNOWN_USER),
        ("anna", "\udc80", SignInKind.WRONG_PASSWORD),
    ],
)
def test_a_wrong_name_or_password_is_refused_and_recorded(
    db: Engine, door: Door, name: str, password: str, kind: SignInKind
) -> None:
    assert kind_of(door(name, password)) == kind
    with transaction(db, read_only=True) as session:
        event = session.scalars(select(SignInEvent)).one()
        assert (event.kind, event.at, str(event.address)) == (kind, NOW, HOME)
        assert (event.user_id is not None) == (name == "anna")


def test_a_user_who_is_not_active_is_refused_and_their_sessions_end(db: Engine, door: Door) -> None:
    answer = door()
    assert isinstance(answer, SignedIn)
    with transaction(db) as session:
        session.execute(update(User).values(is_active=False))
        assert find_session(session, answer.token, now=NOW) is None
    assert kind_of(door()) == SignInKind.INACTIVE_USER


def test_a_user_without_a_password_cannot_sign_in(db: Engine, door: Door) -> None:
    with transaction(db) as session:
        add_user(session, "carl")
    assert kind_of(door("carl", "nobody has this password")) == SignInKind.WRONG_PASSWORD


def test_a_session_ends_without_use_and_in_any_case(db: Engine, door: Door) -> None:
    answer = door()
    assert isinstance(answer, SignedIn)

    def lives(at: timedelta) -> bool:
        with transaction(db) as session:
            found = find_session(session, answer.token, now=NOW + at)
            if found:
                touch(session, found, now=NOW + at)
            return found is not None

    assert not lives(IDLE)
    at = timedelta()
    while at + IDLE / 2 < LONGEST:
        at += IDLE / 2
        assert lives(at)
    assert not lives(LONGEST)


def test_upkeep_drops_sessions_that_are_over(db: Engine, door: Door, postgresql: Server) -> None:
    for _ in range(2):
        assert isinstance(door(), SignedIn)
    over = (
        "UPDATE user_sessions SET created_at = now() - interval '8 days',"
        " expires_at = now() - interval '1 day'"
        " WHERE id = (SELECT id FROM user_sessions LIMIT 1)"
    )
    alive = (
        "UPDATE user_sessions SET expires_at = now() + interval '1 day' WHERE expires_at < now()"
    )
    with transaction(db) as session:
        session.execute(text(alive))
        session.execute(text(over))
    done = keep_up("poser", postgresql.owner_url(str(db.url.database)), Model.metadata)
    assert done.steps["sessions that are over"] == 1
    with transaction(db) as session:
        assert session.scalar(select(func.count()).select_from(UserSession)) == 1


def test_a_session_is_touched_at_most_once_a_minute(db: Engine, door: Door) -> None:
    answer = door()
    assert isinstance(answer, SignedIn)
    with transaction(db) as session:
        found = find_session(session, answer.token, now=NOW)
        assert found is not None
        assert not touch(session, found, now=NOW + seconds(59))
        assert touch(session, found, now=NOW + seconds(60))


def test_signing_out_ends_the_session_and_is_recorded(db: Engine, door: Door) -> None:
    answer = door()
    assert isinstance(answer, SignedIn)
    with transaction(db) as session:
        found = find_session(session, answer.token, now=NOW)
        assert found is not None
        sign_out(session, found, caller())
    with transaction(db, read_only=True) as session:
        assert find_session(session, answer.token, now=NOW) is None
        kinds = session.scalars(select(SignInEvent.kind).order_by(SignInEvent.id)).all()
    assert kinds == ["signed_in", "signed_out"]


def test_a_new_password_ends_all_sessions(db: Engine, door: Door) -> None:
    tokens = [answer.token for answer in (door(), door()) if isinstance(answer, SignedIn)]
    with transaction(db) as session:
        user = session.scalars(select(User).where(User.name == "anna")).one()
        set_password(session, user, "another long password")
    with transaction(db) as session:
        assert [find_session(session, token, now=NOW) for token in tokens] == [None, None]
        close_session(session, user.id)
    assert kind_of(door()) == "wrong_password"
    assert kind_of(door(password="another long password")) == "signed_in"


def test_guessing_is_slowed_down_more_and_more(door: Door) -> None:
    for _ in range(FREE_TRIES):
        assert kind_of(door(password="guess")) == "wrong_password"
    answer = door(password="guess")
    assert isinstance(answer, Refused)
    assert (answer.kind, answer.wait) == (SignInKind.THROTTLED, seconds(1))
    assert kind_of(door(password="guess", after=seconds(1))) == "wrong_password"
    answer = door(after=seconds(1))
    assert isinstance(answer, Refused)
    assert answer.wait == seconds(2), "the right password must wait, too"
    assert kind_of(door(after=seconds(3))) == "signed_in"
    assert kind_of(door(password="guess", after=seconds(3))) == "wrong_password"
    assert kind_of(door(after=seconds(3))) == "signed_in", "success begins a new count"


def test_the_wait_has_an_end(db: Engine, door: Door) -> None:
    with transaction(db) as session:
        session.add_all(
            SignInEvent(name="anna", kind="wrong_password", address=HOME, at=NOW) for _ in range(60)
        )
    answer = door()
    assert isinstance(answer, Refused)
    assert answer.wait == timedelta(minutes=15)
    assert kind_of(door(after=timedelta(minutes=15))) == "signed_in"


def test_guessing_from_one_place_locks_nobody_out_elsewhere(door: Door) -> None:
    for _ in range(FREE_TRIES + 3):
        door(password="guess", address=ELSEWHERE)
    assert kind_of(door(address=ELSEWHERE)) == "throttled"
    assert kind_of(door(address=HOME)) == "signed_in"
    assert kind_of(door("bob", address=ELSEWHERE)) == "signed_in"


def test_addresses_of_one_ipv6_network_count_as_one_place(door: Door) -> None:
    for n in range(FREE_TRIES):
        assert kind_of(door(password="guess", address=f"2001:db8::{n:x}")) == "wrong_password"
    assert kind_of(door(address="2001:db8::ffff")) == "throttled"
    assert kind_of(door(address="2001:db8:0:1::1")) == "signed_in"


def test_trying_many_names_from_one_place_is_stopped(db: Engine, door: Door) -> None:
    with transaction(db) as session:
        session.add_all(
            SignInEvent(name=f"n{n}", kind="unknown_user", address=ELSEWHERE, at=NOW)
            for n in range(MANY)
        )
    assert kind_of(door(address=ELSEWHERE)) == "throttled"
    assert kind_of(door(address=HOME)) == "signed_in"
    assert kind_of(door(address=ELSEWHERE, after=timedelta(minutes=15))) == "signed_in"


def test_a_name_guessed_at_from_everywhere_lets_in_only_places_it_knows(
    db: Engine, door: Door
) -> None:
    assert kind_of(door(address=HOME)) == "signed_in"
    with transaction(db) as session:
        session.add_all(
            SignInEvent(name="anna", kind="wrong_password", address=f"203.0.113.{n}", at=NOW)
            for n in range(MANY)
        )
    assert kind_of(door(address=ELSEWHERE)) == "throttled"
    assert kind_of(door(address=HOME)) == "signed_in"


def test_somebody_who_keeps_knocking_does_not_fill_the_record(db: Engine, door: Door) -> None:
    for _ in range(FREE_TRIES + 20):
        door(password="guess")
    with transaction(db, read_only=True) as session:
        assert session.scalars(select(func.count()).select_from(SignInEvent)).one() == 6


def test_tries_at_the_same_time_do_not_slip_through(db: Engine, door: Door) -> None:
    with transaction(db) as other:
        sign_in(other, "anna", "guess", caller())
        assert kind_of(door()) == "throttled"
        assert kind_of(door("bob")) == "signed_in"
        assert kind_of(door(address=ELSEWHERE)) == "signed_in"
    assert kind_of(door()) == "signed_in"


def test_without_an_address_guessing_is_slowed_down_too(door: Door) -> None:
    for address in ("", "not an address", None, None, None):
        assert kind_of(door(password="guess", address=address)) == "wrong_password"
    assert kind_of(door(address=None)) == "throttled"
    assert kind_of(door(address=HOME)) == "signed_in"


def test_an_unknown_user_takes_as_long_as_a_wrong_password(
    db: Engine, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    passwords_module._stand_in.cache_clear()
    with transaction(db) as session:
        user = session.scalars(select(User).where(User.name == "anna")).one()
        set_password(session, user, PASSWORD)
    spent: dict[str, list[float]] = {"anna": [], "nobody": []}
    for n in range(4):
        for name, taken in spent.items():
            before = time.process_time()
            door(name, "wrong", address=f"192.0.2.{100 + n}")
            taken.append(time.process_time() - before)
    known, unknown = min(spent["anna"]), min(spent["nobody"])
    assert 0.5 < known / unknown < 2
    assert known > 0.02, "hashing is real work"


def test_an_outdated_hash_is_renewed_at_the_next_sign_in(db: Engine, door: Door) -> None:
    weak = passwords_module.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    with transaction(db) as session:
        session.execute(update(User).values(password_hash=weak.hash(PASSWORD)))
    assert kind_of(door()) == "signed_in"
    with transaction(db, read_only=True) as session:
        kept = session.scalars(select(User.password_hash).where(User.name == "anna")).one()
    assert kept is not None
    assert "m=8," in kept


def test_rights_are_those_of_all_user_roles_together(db: Engine) -> None:
    with transaction(db) as session:
        for name, permissions in {
            "Buyers": ("products.view", "products.edit"),
            "Empty": (),
        }.items():
            role = UserRole(name=name)
            role.permissions = [UserRolePermission(permission=p) for p in permissions]
            session.add(role)
        session.add(
            UserRole(name="Cashiers", permissions=[UserRolePermission(permission="sales.view")])
        )
        session.flush()
        both = add_user(session, "dora", user_roles=["Buyers", "Cashiers", "Empty"])
        none = add_user(session, "emil")
        admin = add_user(session, "fred", user_roles=[ADMINISTRATORS, "Empty"])
    with transaction(db, read_only=True) as session:
        assert rights(session, both.id).permissions == {
            "products.view",
            "products.edit",
            "sales.view",
        }
        assert rights(session, both.id).may("sales.view")
        assert not rights(session, both.id).may("users.edit")
        assert not rights(session, none.id).may("sales.view")
        assert rights(session, admin.id).may("anything.at_all")


def test_a_user_that_cannot_be_added_says_why(db: Engine) -> None:
    with transaction(db) as session:
        with pytest.raises(PoserError, match="user 'anna' already"):
            add_user(session, "ANNA")
        with pytest.raises(PoserError, match="needs a name"):
            add_user(session, "  ")
        with pytest.raises(PoserError, match="no user role 'Adminstrator'") as caught:
            add_user(session, "gus", user_roles=["Adminstrator"])
        assert caught.value.hint == "did you mean 'Administrators'?"
        with pytest.raises(PoserError, match="12 to 256 characters; this one has 5"):
            add_user(session, "gus", password="short")


def test_no_password_and_no_token_is_in_the_database(db: Engine, door: Door) -> None:
    answer = door()
    assert isinstance(answer, SignedIn)
    with transaction(db, read_only=True) as session:
        everything = "".join(
            session.execute(text(f"SELECT string_agg(t::text, '') FROM {table} t")).scalar_one()  # noqa: S608
            for table in ("users", "user_sessions", "sign_in_events")
        )
    assert PASSWORD not in everything
    assert answer.token not in everything
