# SPDX-License-Identifier: Apache-2.0
"""Tables cut by time: rows are never refused, and lie in the partition of their time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, MetaData, Table, create_engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from poser.db import leaves
from poser.db.partitions import (
    Part,
    Partitions,
    Period,
    Unit,
    detach_before,
    drop_before,
    make,
    make_ahead,
    partitions_of,
    periods,
    waiting,
)
from tests.support.postgresql import OWNER, Server

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
TILLS = Partitions(
    table="tills",
    column="day",
    unit=Unit.MONTH,
    ahead=2,
    parts=(Part(table="items", columns=("till_id", "day"), target=("id", "day")),),
)
TABLES = """
CREATE TABLE seen (what text, rows bigint);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    INSERT INTO seen SELECT TG_OP, count(*) FROM changed; RETURN NULL;
END $$;
CREATE TABLE tills (
    id int, day date NOT NULL, twice int GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (id, day)
) PARTITION BY RANGE (day);
CREATE TABLE items (
    till_id int, day date NOT NULL, sequence int, PRIMARY KEY (till_id, day, sequence)
) PARTITION BY RANGE (day);
CREATE TRIGGER added AFTER INSERT ON items REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION see();
CREATE TRIGGER gone AFTER DELETE ON items REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION see();
GRANT SELECT, INSERT, UPDATE, DELETE ON tills, items TO poser;
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO poser;
"""

pytestmark = pytest.mark.postgresql


@pytest.fixture
def connection(postgresql: Server) -> Iterator[Connection]:
    """Give a transaction of the owner with two empty tables and their DEFAULT partitions."""
    name = postgresql.create()
    engine = create_engine(postgresql.owner_url(name))
    with engine.connect() as connected:
        connected.execute(text(TABLES))
        leaves.prepare_archive(connected)
        leaves.create(connected, TILLS.defaults())
        leaves.attach(connected, TILLS.defaults())
        connected.commit()
        yield connected
    engine.dispose()
    postgresql.drop(name)


def add(connection: Connection, number: int, day: str) -> None:
    values = {"number": number, "day": day}
    connection.execute(text("INSERT INTO tills (id, day) VALUES (:number, :day)"), values)
    connection.execute(
        text("INSERT INTO items VALUES (:number, :day, 1), (:number, :day, 2)"), values
    )


def places(connection: Connection) -> dict[int, str]:
    rows = connection.execute(
        text("SELECT till_id, max(tableoid::regclass::text) FROM items GROUP BY 1")
    )
    return {row[0]: row[1] for row in rows}


def seen(connection: Connection) -> list[tuple[str, int]]:
    return [(what, rows) for what, rows in connection.execute(text("SELECT * FROM seen"))]


def month(year: int, number: int) -> Period:
    return TILLS.period(date(year, number, 1))


@given(day=st.dates(), unit=st.sampled_from(Unit))
def test_every_day_is_in_just_one_period(day: date, unit: Unit) -> None:
    if day.year == 9999:
        return
    partitions = Partitions(table="t", column="day", unit=unit, ahead=0)
    period = partitions.period(day)
    assert period.start <= day < period.end
    assert partitions.period(period.start) == period
    assert partitions.period(period.end).start == period.end
    assert str(period) == str(day)[: 10 if unit is Unit.DAY else 7]


def test_the_present_and_those_ahead_are_made_once(connection: Connection) -> None:
    made = make_ahead(connection, TILLS, NOW)
    assert [str(period) for period in made] == ["2026-11", "2026-12", "2027-01"]
    assert periods(connection, TILLS) == made
    assert make_ahead(connection, TILLS, NOW) == []
    early = make_ahead(connection, TILLS, NOW, since=date(2026, 9, 30))
    assert [str(period) for period in early] == ["2026-09", "2026-10"]


def test_a_row_without_a_partition_waits_and_then_moves_there(connection: Connection) -> None:
    make_ahead(connection, TILLS, NOW)
    add(connection, 1, "2026-11-22")
    add(connection, 2, "2019-02-28")
    add(connection, 3, "2087-01-01")
    assert places(connection) == {1: "items_2026_11", 2: "items_default", 3: "items_default"}
    assert waiting(connection, TILLS) == {month(2019, 2): 1, month(2087, 1): 1}
    before = seen(connection)
    assert make_ahead(connection, TILLS, NOW) == [month(2019, 2)]
    assert places(connection) == {1: "items_2026_11", 2: "items_2019_02", 3: "items_default"}
    assert waiting(connection, TILLS) == {month(2087, 1): 1}, "a clock that jumped"
    assert seen(connection) == before, "moving is no change of ours"


def test_moving_counts_the_rows_of_all_tables(connection: Connection) -> None:
    add(connection, 1, "2026-11-22")
    assert make(connection, TILLS, month(2026, 11)) == 3
    assert connection.execute(text("SELECT id, twice FROM tills")).one() == (1, 2)


def test_a_part_cannot_be_without_what_it_belongs_to(connection: Connection) -> None:
    for day in ("2026-11-22", "2019-01-01"):
        with pytest.raises(IntegrityError, match="foreign key"):
            connection.execute(text("INSERT INTO items VALUES (1, :day, 1)"), {"day": day})
        connection.rollback()
        make_ahead(connection, TILLS, NOW)
        connection.commit()


@pytest.mark.parametrize("day", ["2026-11-22", "2019-01-01"])
def test_a_cascade_is_seen_by_the_tables_triggers(connection: Connection, day: str) -> None:
    make_ahead(connection, TILLS, NOW)
    add(connection, 1, day)
    connection.execute(text("DELETE FROM tills"))
    assert seen(connection) == [("INSERT", 2), ("DELETE", 2)]


def test_a_write_that_names_a_partition_is_seen_as_well(connection: Connection) -> None:
    make_ahead(connection, TILLS, NOW)
    add(connection, 1, "2026-11-22")
    connection.execute(text("DELETE FROM items_2026_11 WHERE sequence = 1"))
    assert seen(connection) == [("INSERT", 2), ("DELETE", 1)]


def test_the_application_reaches_rows_through_the_table_only(
    connection: Connection, postgresql: Server
) -> None:
    make_ahead(connection, TILLS, NOW)
    add(connection, 1, "2026-11-22")
    connection.commit()
    application = create_engine(postgresql.url(str(connection.engine.url.database)))
    with application.connect() as other:
        assert other.execute(text("SELECT count(*) FROM items")).scalar_one() == 2
        for statement in ("DELETE FROM items_2026_11", "SELECT * FROM items_default"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                other.execute(text(statement))
            other.rollback()
    application.dispose()


def test_detached_months_are_kept_in_the_archive_and_come_back(connection: Connection) -> None:
    make_ahead(connection, TILLS, NOW, since=date(2026, 9, 1))
    for number, day in enumerate(("2026-09-30", "2026-10-01", "2026-11-01")):
        add(connection, number, day)
    before = seen(connection)
    assert detach_before(connection, TILLS, date(2026, 10, 31)) == [month(2026, 9)]
    assert sorted(places(connection)) == [1, 2]
    kept = connection.execute(text("SELECT count(*) FROM archive.items_2026_09")).scalar_one()
    assert kept == 2
    add(connection, 7, "2026-09-15")
    assert make_ahead(connection, TILLS, NOW) == [], "what is archived is not made anew"
    back = TILLS.leaves(month(2026, 9))
    assert leaves.bring_back(connection, back, TILLS.defaults()) == 3, "a late row joins"
    assert places(connection)[7] == places(connection)[0] == "items_2026_09"
    assert seen(connection) == [*before, ("INSERT", 2)]
    connection.execute(text("DELETE FROM tills WHERE id = 7"))
    assert seen(connection)[-1] == ("DELETE", 2)


def test_dropping_takes_whole_periods_only(connection: Connection) -> None:
    make_ahead(connection, TILLS, NOW, since=date(2026, 9, 1))
    add(connection, 1, "2026-09-30")
    add(connection, 2, "2026-10-01")
    assert drop_before(connection, TILLS, date(2026, 10, 31)) == [month(2026, 9)]
    assert sorted(places(connection)) == [2]
    assert periods(connection, TILLS)[0] == month(2026, 10)


def test_days_of_times_begin_at_midnight_utc(connection: Connection) -> None:
    days = Partitions(table="readings", column="taken", unit=Unit.DAY, ahead=1)
    connection.execute(
        text("CREATE TABLE readings (taken timestamptz NOT NULL) PARTITION BY RANGE (taken)")
    )
    leaves.create(connection, days.defaults())
    leaves.attach(connection, days.defaults())
    connection.execute(text("SET timezone = 'America/Chicago'"))
    connection.execute(
        text("INSERT INTO readings VALUES ('2026-11-22 23:59:59+00'), ('2026-11-23 00:00:00+00')")
    )
    make_ahead(connection, days, NOW)
    where = connection.execute(
        text("SELECT tableoid::regclass::text FROM readings ORDER BY taken")
    ).scalars()
    assert list(where) == ["readings_2026_11_22", "readings_2026_11_23"]


def test_days_of_seconds_are_cut_as_well(connection: Connection) -> None:
    days = Partitions(
        table="seconds", column="taken", unit=Unit.DAY, ahead=1, since=date(2020, 1, 1)
    )
    connection.execute(
        text("CREATE TABLE seconds (taken integer NOT NULL) PARTITION BY RANGE (taken)")
    )
    leaves.create(connection, days.defaults())
    leaves.attach(connection, days.defaults())
    moment = int(
        (datetime(2026, 11, 23, tzinfo=UTC) - datetime(2020, 1, 1, tzinfo=UTC)).total_seconds()
    )
    rows = [{"taken": moment + more} for more in (-86401, -1, 0, 86399, 10**8)]
    connection.execute(text("INSERT INTO seconds VALUES (:taken)"), rows)
    assert list(waiting(connection, days).values()) == [1, 1, 2, 1]
    made = make_ahead(connection, days, NOW)
    assert [str(period) for period in made] == ["2026-11-21", "2026-11-22", "2026-11-23"]
    assert periods(connection, days) == made
    where = connection.execute(
        text("SELECT tableoid::regclass::text FROM seconds ORDER BY taken")
    ).scalars()
    assert list(where) == [
        "seconds_2026_11_21", "seconds_2026_11_22", *["seconds_2026_11_23"] * 2, "seconds_default",
    ]  # fmt: skip


def test_what_others_hold_ends_it_and_changes_nothing(
    connection: Connection, postgresql: Server
) -> None:
    other = postgresql.connect(str(connection.engine.url.database), user=OWNER)
    with other.cursor() as cursor:
        cursor.execute("INSERT INTO tills VALUES (1, '2026-11-22')")
    connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
    with pytest.raises(Exception, match="lock timeout"):
        make_ahead(connection, TILLS, NOW)
    connection.rollback()
    other.commit()
    other.close()
    assert periods(connection, TILLS) == []
    assert make_ahead(connection, TILLS, NOW)


def test_partitions_are_found_beside_the_model() -> None:
    metadata = MetaData()
    Table("tills", metadata, info={"partitions": TILLS})
    Table("items", metadata)
    assert partitions_of(metadata) == (TILLS,)
