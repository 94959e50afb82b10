# SPDX-License-Identifier: Apache-2.0
"""A clock that jumps to 2030 and back: nobody is in for years, and nobody waits for years."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from poser.auth import Caller, add_user, find_session, touch
from poser.auth.sessions import open_session
from poser.auth.throttle import FREE_TRIES, wait
from poser.db import transaction
from poser.model import SignInEvent, User, UserRole

pytestmark = pytest.mark.postgresql

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
AHEAD = datetime(2030, 1, 1, tzinfo=UTC)
HOME = "192.0.2.7"


@pytest.fixture
def db(poser_db: Engine) -> Engine:
    with transaction(poser_db) as session:
        add_user(session, "anna")
    return poser_db


def opened(db: Engine, at: datetime) -> str:
    with transaction(db) as session:
        anna = session.scalars(select(User)).one()
        return open_session(session, anna, Caller(address=HOME, now=at))


def lives(db: Engine, token: str, at: datetime, *, used: bool = False) -> bool:
    with transaction(db) as session:
        found = find_session(session, token, now=at)
        if found is not None and used:
            touch(session, found, now=at)
        return found is not None


def test_a_session_outlives_a_jump_and_back(db: Engine) -> None:
    token = opened(db, NOW)
    assert not lives(db, token, AHEAD)
    assert lives(db, token, NOW + timedelta(minutes=5))
    assert not lives(db, token, NOW + timedelta(days=8))


def test_a_session_opened_while_the_clock_was_ahead_is_not_good_for_years(db: Engine) -> None:
    token = opened(db, AHEAD)
    assert lives(db, token, AHEAD + timedelta(minutes=1))
    for later in (timedelta(minutes=1), timedelta(days=30), timedelta(days=700)):
        assert not lives(db, token, NOW + later)


def test_use_while_the_clock_was_ahead_neither_ends_a_session_nor_makes_it_endless(
    db: Engine,
) -> None:
    token = opened(db, NOW)
    days_ahead = NOW + timedelta(hours=11)
    assert lives(db, token, days_ahead, used=True)
    back = NOW + timedelta(minutes=10)
    assert lives(db, token, back, used=True), "and its use is noted anew"
    assert not lives(db, token, back + timedelta(hours=12, seconds=1))


def test_clocks_of_two_processes_may_differ_a_little(db: Engine) -> None:
    token = opened(db, NOW)
    assert lives(db, token, NOW - timedelta(minutes=4))
    assert not lives(db, token, NOW - timedelta(minutes=6))


@pytest.mark.parametrize(("minutes", "idle"), [([30], 30), ([30, 60], 30), ([None], 720)])
def test_the_strictest_user_role_says_how_long_a_session_may_be_unused(
    db: Engine, minutes: list[int | None], idle: int
) -> None:
    with transaction(db) as session:
        anna = session.scalars(select(User)).one()
        anna.user_roles = [
            UserRole(name=f"Role {n}", session_minutes=each) for n, each in enumerate(minutes)
        ]
    token = opened(db, NOW)
    assert lives(db, token, NOW + timedelta(minutes=idle, seconds=-1))
    assert not lives(db, token, NOW + timedelta(minutes=idle))


def test_failures_recorded_while_the_clock_was_ahead_make_nobody_wait(db: Engine) -> None:
    with transaction(db) as session:
        session.add_all(
            SignInEvent(name="anna", kind="wrong_password", address=HOME, at=AHEAD)
            for _ in range(FREE_TRIES * 30)
        )
    with transaction(db) as session:
        assert wait(session, "anna", HOME, now=AHEAD) > timedelta()
        assert wait(session, "anna", HOME, now=NOW) == timedelta()
