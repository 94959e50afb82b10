# SPDX-License-Identifier: Apache-2.0
"""As-of equals what was there, after any sequence of changes; a restored row is the same row."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from poser.db import engine, transaction
from poser.history import as_of, restore_field, restore_record
from poser.history.catching_up import check
from poser.history.reading import changes_of
from poser.history.replaying import state_after
from poser.history.rows import live_row
from poser.ids import uuid7
from poser.model import UserRole
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql

SLOW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Every kind of column that our tables have, and some that extensions may.
CREATE = """
CREATE TABLE things (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    words text, kind text CHECK (kind IN ('regular', 'member')), "Odd name:" text,
    price numeric(12, 3), cost numeric, day date, at timestamptz, span tstzrange,
    days daterange, other uuid, is_on boolean, small smallint, big bigint, share float8,
    tags text[], numbers int[], raw bytea, doc jsonb, address inet, long interval,
    source text, n int, old text, whole text,
    shouted text GENERATED ALWAYS AS (upper(words)) STORED
)
"""
TEXT = st.one_of(
    st.none(),
    st.sampled_from(["", " ", "NULL", '"', "\\", "a=>b", "{}", "Ä€😀", "\t\n", "(secret)"]),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
)
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "words": TEXT,
    "kind": st.sampled_from(["regular", "member", None]),
    '"Odd name:"': TEXT,
    "price": st.decimals(-999_999, 999_999, places=3) | st.none(),
    "cost": st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**15),
                        max_value=10**15) | st.none(),
    "day": st.dates() | st.none(),
    "at": TIMES | st.none(),
    "span": st.tuples(TIMES, TIMES).map(lambda pair: f"[{min(pair)},{max(pair)})") | st.none()
    | st.sampled_from(["empty", "(,)", "[2026-01-01,)"]),
    "days": st.sampled_from(["empty", "(,2026-01-01)", "[2026-01-01,2026-02-01)", None]),
    "other": st.uuids().map(str) | st.none(),
    "is_on": st.booleans() | st.none(),
    "small": st.integers(-(2**15), 2**15 - 1) | st.none(),
    "big": st.integers(-(2**63), 2**63 - 1) | st.none(),
    "share": st.floats() | st.none(),
    "tags": st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
                             max_size=5), max_size=3) | st.none(),
    "numbers": st.lists(st.integers(-9, 9), max_size=3) | st.none(),
    "raw": st.binary(max_size=20) | st.none(),
    "doc": st.sampled_from(['{"a": [1, null, "x"]}', "null", "[]", None]),
    "address": st.sampled_from(["192.0.2.1", "2001:db8::/32", None]),
    "long": st.sampled_from(["1 year 2 mons -3 days 04:05:06.789", "0", None]),
    "source": TEXT, "n": st.integers(0, 9) | st.none(), "old": TEXT, "whole": TEXT,
}  # fmt: skip
ROWS = st.fixed_dictionaries({}, optional=VALUES)


@pytest.fixture(scope="module")
def things(postgresql: Server, templates: dict[str, str]) -> Iterator[Engine]:
    """Give a database with a recorded table of every kind of column."""
    name = postgresql.create(templates["poser"])
    owner = create_engine(postgresql.owner_url(name))
    with owner.begin() as connection:
        connection.execute(text(CREATE.replace(":", r"\:")))
        connection.execute(text("SELECT record_changes('things', true, true, '{}', '{}')"))
        # Here user roles come and go at random, and no administrator needs to be left.
        connection.execute(text("ALTER TABLE user_roles DISABLE TRIGGER stay_with_administrator"))
    owner.dispose()
    connected = engine(postgresql.url(name))
    yield connected
    connected.dispose()
    postgresql.drop(name)


def write(session: Session, row_id: UUID, values: dict[str, Any], *, is_new: bool) -> None:
    names = list(values)
    places = {f"v{n}": value for n, value in enumerate(values.values())}
    columns = [name.replace(":", r"\:") for name in names]
    marks = [
        f"CAST(:v{n} AS {'float8' if name == 'share' else 'jsonb'})"
        if name in {"doc", "share"}
        else f":v{n}"
        for n, name in enumerate(names)
    ]
    if is_new:
        into = ", ".join(["id", *columns])
        statement = f"INSERT INTO things ({into}) VALUES ({', '.join([':id', *marks])})"  # noqa: S608
    elif names:
        pairs = ", ".join(f"{c} = {m}" for c, m in zip(columns, marks, strict=True))
        statement = f"UPDATE things SET {pairs} WHERE id = :id"  # noqa: S608
    else:
        return
    session.execute(text(statement), {**places, "id": row_id})


def row(session: Session, row_id: UUID) -> str | None:
    """Read a row as PostgreSQL itself writes it, with every column."""
    statement = text("SELECT t::text FROM things t WHERE id = :id")
    found: str | None = session.execute(statement, {"id": row_id}).scalar_one_or_none()
    return found


@SLOW
@given(first=ROWS, second=ROWS)
def test_a_deleted_row_comes_back_exactly_whatever_its_columns_hold(
    things: Engine, first: dict[str, Any], second: dict[str, Any]
) -> None:
    row_id = uuid7()
    moments = []
    with transaction(things) as session:
        write(session, row_id, first, is_new=True)
        moments.append((now(session), row(session, row_id)))
    with transaction(things) as session:
        write(session, row_id, second, is_new=False)
        moments.append((now(session), row(session, row_id)))
    with transaction(things) as session:
        session.execute(text("DELETE FROM things WHERE id = :id"), {"id": row_id})
    for at, expected in (*moments, *reversed(moments)):
        with transaction(things) as session:
            restore_record(session, "things", row_id, at)
            assert row(session, row_id) == expected
    with transaction(things) as session:
        before = row(session, row_id)
        assert restore_record(session, "things", row_id, moments[0][0]) is None
        assert row(session, row_id) == before


def now(session: Session) -> datetime:
    found: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found


STEPS = st.lists(
    st.sampled_from(
        ["insert", "update", "update all", "delete", "savepoint", "rollback", "commit", "orm",
         "abort"]
    ),
    min_size=1,
    max_size=25,
)  # fmt: skip
NAMES = st.sampled_from(["Kale", "Leek", "", "Ä", "x y"])


@SLOW
@given(data=st.data(), steps=STEPS)
def test_as_of_each_step_equals_a_copy_made_then(
    things: Engine, data: st.DataObject, steps: list[str]
) -> None:
    with transaction(things) as session:
        session.execute(text("DELETE FROM user_roles"))
    shadow: list[tuple[datetime, dict[UUID, dict[str, str | None] | None]]] = []
    known: set[UUID] = set()
    session = Session(things)
    depth = 0
    for step in [*steps, "commit"]:
        if step == "commit":
            session.commit()
            depth = 0
            shadow.append((now(session), _copy(session, known)))
        elif step == "abort":
            session.rollback()
            depth = 0
        elif step == "savepoint":
            session.execute(text("SAVEPOINT s"))
            depth += 1
        elif step == "rollback" and depth:
            session.execute(text("ROLLBACK TO SAVEPOINT s"))
            session.expire_all()
        else:
            _change(session, step, data, known)
    with Session(things) as reading:
        for at, copy in shadow:
            for row_id in known:
                then = as_of(reading, "user_roles", row_id, at) if _has(reading, row_id) else None
                assert (then.fields if then else None) == copy.get(row_id)
                assert not then or not then.unsure
        assert list(check(reading, "user_roles")) == []
        for row_id in known:
            changes = changes_of(reading, "user_roles", row_id)
            live = live_row(reading, "user_roles", row_id)
            assert state_after(changes, live, len(changes) - 1).fields == live
    session.close()


def _has(session: Session, row_id: UUID) -> bool:
    return bool(changes_of(session, "user_roles", row_id))


def _change(session: Session, step: str, data: st.DataObject, known: set[UUID]) -> None:
    place = data.draw(st.integers(0, 20))
    one = sorted(known)[place % len(known)] if known else uuid7()
    name = data.draw(NAMES)
    if step in {"insert", "orm"}:
        row_id = uuid7()
        known.add(row_id)
        user = UserRole(id=row_id, name=f"u{row_id.hex}", description=name)
        if step == "orm":
            session.add(user)
            session.flush()
            user.description = name + "!"
            session.flush()
        else:
            values = {"id": row_id, "name": user.name, "words": name}
            session.execute(
                text("INSERT INTO user_roles (id, name, description) VALUES (:id, :name, :words)"),
                values,
            )
    elif step == "update":
        session.execute(
            text(
                "UPDATE user_roles SET description = :name,"
                " is_administrator = NOT is_administrator WHERE id = :id"
            ),
            {"name": name, "id": one},
        )
    elif step == "update all":
        session.execute(text("UPDATE user_roles SET description = :name"), {"name": name})
    elif step == "delete":
        session.execute(text("DELETE FROM user_roles WHERE id = :id"), {"id": one})


def _copy(session: Session, known: set[UUID]) -> dict[UUID, dict[str, str | None] | None]:
    return {row_id: live_row(session, "user_roles", row_id) for row_id in known}


def test_a_record_older_than_its_history_is_worked_out_backwards(
    postgresql: Server, things: Engine
) -> None:
    owner = create_engine(postgresql.owner_url(things.url.database or ""))
    row_id = uuid7()
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE things DISABLE TRIGGER USER"))
        connection.execute(
            text("INSERT INTO things (id, words, n) VALUES (:id, 'first', 1)"), {"id": row_id}
        )
        connection.execute(text("ALTER TABLE things ENABLE TRIGGER USER"))
    owner.dispose()
    moments = []
    for words in ("second", "third"):
        with transaction(things) as session:
            moments.append(now(session))
            write(session, row_id, {"words": words}, is_new=False)
    with transaction(things) as session:
        found = [as_of(session, "things", row_id, at) for at in (*moments, now(session))]
        assert [then.fields and then.fields["words"] for then in found] == [
            "first",
            "second",
            "third",
        ]
        assert all(then.fields and then.fields["n"] == "1" for then in found)
        assert [then.unsure for then in found] == [frozenset()] * 3
        restore_field(session, "things", row_id, "words", moments[0])
        assert live_row(session, "things", row_id) == {**(found[0].fields or {}), "words": "first"}
