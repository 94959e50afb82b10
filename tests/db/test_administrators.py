# SPDX-License-Identifier: Apache-2.0
"""The last user who may do everything stays, whoever tries what at the same moment."""

import threading

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from poser.db import transaction
from poser.db.refused import Refused
from poser.model import User, UserRole

pytestmark = pytest.mark.postgresql

WAYS = (
    "UPDATE users SET is_active = false WHERE name = 'ada'",
    "DELETE FROM users WHERE name = 'ada'",
    "DELETE FROM users",
    "UPDATE user_roles SET is_administrator = false WHERE name = 'Owners'",
    "UPDATE user_roles SET node_kind = 'store' WHERE name = 'Owners'",
    "DELETE FROM user_roles WHERE name = 'Owners'",
    "DELETE FROM user_user_role",
)


def add(engine: Engine, *names: str, node_kind: str = "") -> None:
    """Add users who may do everything."""
    with transaction(engine) as session:
        role = UserRole(name=f"Owners{node_kind}", is_administrator=True, node_kind=node_kind)
        session.add_all([User(name=name, user_roles=[role]) for name in names])


@pytest.mark.parametrize("way", WAYS)
def test_the_last_administrator_stays(poser_db: Engine, way: str) -> None:
    add(poser_db, "ada")
    with (
        pytest.raises(Refused, match=r"^nobody would be left who may do everything") as refused,
        transaction(poser_db) as session,
    ):
        session.execute(text(way))
    assert refused.value.hint == "give an administrators' user role to somebody else first"


@pytest.mark.parametrize("way", WAYS[:2])
def test_one_of_two_may_go(poser_db: Engine, way: str) -> None:
    add(poser_db, "ada", "ben")
    with transaction(poser_db) as session:
        session.execute(text(way))


def test_one_of_another_kind_of_node_is_not_enough(poser_db: Engine) -> None:
    add(poser_db, "ada")
    add(poser_db, "ben", node_kind="store")
    with pytest.raises(Refused), transaction(poser_db) as session:
        session.execute(text(WAYS[0]))
    with transaction(poser_db) as session:
        session.execute(text("DELETE FROM users WHERE name = 'ben'"))


def test_others_come_and_go_where_nobody_may_do_everything(poser_db: Engine) -> None:
    with transaction(poser_db) as session:
        session.add(User(name="cleo"))
    with transaction(poser_db) as session:
        session.execute(text("UPDATE users SET is_active = false"))
    with transaction(poser_db) as session:
        session.execute(text("DELETE FROM users"))


def test_of_two_who_leave_at_once_one_stays(poser_db: Engine) -> None:
    add(poser_db, "ada", "ben")
    outcome: list[str] = []

    def commit(connection: Connection) -> None:
        try:
            connection.commit()
            outcome.append("gone")
        except IntegrityError:
            outcome.append("stays")

    with poser_db.connect() as first, poser_db.connect() as second:
        first.execute(text("DELETE FROM users WHERE name = 'ada'"))
        second.execute(text("DELETE FROM users WHERE name = 'ben'"))
        threads = [threading.Thread(target=commit, args=(each,)) for each in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcome) == ["gone", "stays"]
