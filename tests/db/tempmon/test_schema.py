# SPDX-License-Identifier: Apache-2.0
"""What the database of temperatures keeps right by itself, and how small a reading is."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from poser.db import engine
from poser.db.partitions import drop_before, periods
from poser.db.upkeep import keep_up
from poser.tempmon.model import (
    EPOCH,
    READINGS,
    Appliance,
    Calibration,
    CorrectiveAction,
    Defrost,
    Incident,
    IncidentEvent,
    Probe,
    Reading,
    ReadingQuarter,
    Sensor,
    SensorPlacement,
    Silence,
    TempmonModel,
    Threshold,
)
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kitchen:
    """An appliance with a probe and a sensor, by their ids; the sensor's number."""

    appliance: Any
    probe: Any
    sensor: Any
    number: int


def writing(tempmon_db: Engine) -> AbstractContextManager[Session]:
    """Open a session that commits, and shows errors of the database as they are."""
    return sessionmaker(tempmon_db, expire_on_commit=False).begin()


@pytest.fixture
def kitchen(tempmon_db: Engine) -> Kitchen:
    with writing(tempmon_db) as session:
        appliance = Appliance(name="Dairy case 2", kind="cooler", store_number="9")
        probe = Probe(name="store-9-back", serial="10000000abcdef01")
        session.add_all([appliance, probe])
        session.flush()
        sensor = Sensor(address="28-0316a2794bff", probe_id=probe.id)
        session.add(sensor)
        session.flush()
        return Kitchen(
            appliance=appliance.id, probe=probe.id, sensor=sensor.id, number=sensor.number
        )


def during(start: int, end: int | None) -> Range[datetime]:
    until = None if end is None else START + timedelta(days=end)
    return Range(START + timedelta(days=start), until)


def add(tempmon_db: Engine, *rows: object) -> None:
    with writing(tempmon_db) as session:
        session.add_all(rows)


def second(at: datetime) -> int:
    return int((at - datetime(EPOCH.year, EPOCH.month, EPOCH.day, tzinfo=UTC)).total_seconds())


def test_limits_of_one_appliance_cannot_overlap_and_keep_their_history(
    tempmon_db: Engine, kitchen: Kitchen
) -> None:
    def limits(start: int, end: int | None) -> Threshold:
        return Threshold(
            appliance_id=kitchen.appliance, valid=during(start, end), warning_high_c=Decimal(5)
        )

    add(tempmon_db, limits(0, 10), limits(10, None))
    for start, end in ((9, 11), (3, 4), (20, None)):
        with pytest.raises(IntegrityError, match="ex_thresholds_no_overlap"):
            add(tempmon_db, limits(start, end))
    with writing(tempmon_db) as session:
        then = session.scalars(
            select(Threshold).where(Threshold.valid.contains(START + timedelta(days=5)))
        ).one()
        assert (then.critical_delay_s, then.hysteresis_c) == (300, Decimal("0.50"))


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"warning_high_c": 9, "critical_high_c": 8}, "ascending"),
        ({"warning_low_c": 5, "warning_high_c": 5}, "ascending"),
        ({"critical_low_c": 2, "warning_low_c": 1}, "ascending"),
        ({"critical_low_c": 9, "critical_high_c": 8}, "ascending"),
        ({"compliance_low_c": 9, "compliance_high_c": 8, "warning_high_c": 1}, "ascending"),
        ({}, "some"),
        ({"warning_high_c": 5, "critical_delay_s": -1}, "delays"),
        ({"warning_high_c": 5, "hysteresis_c": Decimal("-0.1")}, "hysteresis_c"),
        ({"warning_high_c": 5, "silent_after_s": 0}, "silent_after_s"),
        ({"warning_high_c": 5, "valid": during(3, 3)}, "valid"),
    ],
)
def test_limits_that_cannot_be_are_refused(
    tempmon_db: Engine, kitchen: Kitchen, values: dict[str, Any], constraint: str
) -> None:
    filled = {"appliance_id": kitchen.appliance, "valid": during(0, None), **values}
    with pytest.raises(IntegrityError, match=f"ck_thresholds_{constraint}"):
        add(tempmon_db, Threshold(**filled))


def test_a_sensor_is_in_one_place_at_a_time_and_has_one_calibration(
    tempmon_db: Engine, kitchen: Kitchen
) -> None:
    def place(start: int, end: int | None) -> SensorPlacement:
        return SensorPlacement(
            sensor_id=kitchen.sensor,
            appliance_id=kitchen.appliance,
            place="air",
            valid=during(start, end),
        )

    add(tempmon_db, place(0, 5), place(5, None))
    with pytest.raises(IntegrityError, match="ex_sensor_placements_no_overlap"):
        add(tempmon_db, place(4, 6))
    one = {
        "sensor_id": kitchen.sensor, "low_c": 0, "low_correction_c": Decimal("0.3"),
        "made_on": date(2026, 1, 1),
    }  # fmt: skip
    add(tempmon_db, Calibration(**one, valid=during(0, None)))
    with pytest.raises(IntegrityError, match="ex_calibrations_no_overlap"):
        add(tempmon_db, Calibration(**one, valid=during(7, 8)))
    with pytest.raises(IntegrityError, match="ck_calibrations_high_c"):
        add(tempmon_db, Calibration(**one, valid=during(-9, -8), high_c=Decimal(-20)))


def test_a_reading_is_taken_in_once(tempmon_db: Engine, kitchen: Kitchen) -> None:
    now = second(datetime.now(UTC))
    rows = [
        {"sensor": kitchen.number, "taken": now - 60 * n, "hundredths": 412 + n} for n in range(50)
    ]
    statement = insert(Reading).on_conflict_do_nothing().returning(Reading.taken)
    with writing(tempmon_db) as session:
        assert len(session.execute(statement, rows).all()) == 50
        assert len(session.execute(statement, [*rows, {**rows[0], "taken": now + 1}]).all()) == 1
    with pytest.raises(IntegrityError, match="foreign key"), writing(tempmon_db) as session:
        session.execute(statement, [{"sensor": 77, "taken": now, "hundredths": 0}])


def test_a_reading_of_any_time_is_kept_in_its_day(tempmon_db: Engine, kitchen: Kitchen) -> None:
    now = datetime.now(UTC)
    moments = (
        now,
        now - timedelta(days=300),
        now + timedelta(days=4000),
        datetime(2019, 1, 1, tzinfo=UTC),
    )
    with writing(tempmon_db) as session:
        for at in moments:
            session.add(Reading(sensor=kitchen.number, taken=second(at), hundredths=-1850))
        session.flush()
        where = session.execute(
            text(
                "SELECT tableoid::regclass::text, reading_time(taken), reading_second("
                "reading_time(taken)) = taken FROM readings ORDER BY taken DESC"
            )
        ).all()
    assert {row[2] for row in where} == {True}
    assert [row[0] for row in where] == [
        "readings_default", f"readings_{now:%Y_%m_%d}", "readings_default", "readings_default",
    ]  # fmt: skip
    assert [row[1] for row in where] == sorted(
        (at.replace(microsecond=0) for at in moments), reverse=True
    )


def test_readings_and_what_was_done_are_indelible(tempmon_db: Engine, kitchen: Kitchen) -> None:
    del kitchen
    for table in ("readings", "incident_events", "corrective_actions"):
        for statement in ("DELETE FROM {}", "UPDATE {} SET id = id"):
            wanted = statement.format(table).replace(
                "id = id", "hundredths = 0" if table == "readings" else "id = id"
            )
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                writing(tempmon_db) as session,
            ):
                session.execute(text(wanted))


def test_old_days_are_dropped_whole(
    tempmon_db: Engine, kitchen: Kitchen, postgresql: Server
) -> None:
    now = datetime.now(UTC)
    with writing(tempmon_db) as session:
        session.add(Reading(sensor=kitchen.number, taken=second(now), hundredths=1))
    owner = engine(postgresql.owner_url(str(tempmon_db.url.database)))
    with owner.begin() as connection:
        assert len(periods(connection, READINGS)) == 8
        gone = drop_before(connection, READINGS, now.date() + timedelta(days=2))
        assert [period.start for period in gone] == [now.date(), now.date() + timedelta(days=1)]
        assert connection.execute(text("SELECT count(*) FROM readings")).scalar_one() == 0
    owner.dispose()


def test_fifteen_minutes_add_up_to_something_possible(tempmon_db: Engine, kitchen: Kitchen) -> None:
    good = {
        "sensor": kitchen.number, "begins_at": START, "lowest": 380, "highest": 520,
        "total": 6300, "count": 15, "out_of_range_s": 60,
    }  # fmt: skip
    add(tempmon_db, ReadingQuarter(**good))
    for wrong in ({"count": 0}, {"lowest": 600}, {"out_of_range_s": 901}):
        with pytest.raises(IntegrityError, match="ck_reading_quarters"):
            add(tempmon_db, ReadingQuarter(**{**good, "begins_at": START + timedelta(1), **wrong}))
    with pytest.raises(IntegrityError, match="reading_quarters"):
        add(tempmon_db, ReadingQuarter(**good))


def test_one_thing_has_one_open_incident_of_a_kind(tempmon_db: Engine, kitchen: Kitchen) -> None:
    def incident(**values: object) -> Incident:
        filled: dict[str, Any] = {
            "kind": "too_warm", "severity": "warning", "worst": "warning", "began_at": START,
            "appliance_id": kitchen.appliance, **values,
        }  # fmt: skip
        return Incident(**filled)

    add(tempmon_db, incident())
    with pytest.raises(IntegrityError, match="ix_incidents_open"):
        add(tempmon_db, incident(severity="critical"))
    add(tempmon_db, incident(kind="too_cold"), incident(sensor_id=kitchen.sensor))
    add(tempmon_db, incident(ended_at=START + timedelta(1)), incident(ended_at=START))
    add(tempmon_db, incident(kind="probe_offline", appliance_id=None, probe_id=kitchen.probe))
    for wrong, constraint in (
        ({"appliance_id": None}, "subject"),
        ({"ended_at": START - timedelta(1)}, "ended_at"),
        ({"closed_at": START, "sensor_id": kitchen.sensor, "kind": "too_cold"}, "closed_at"),
        ({"acknowledged_at": START, "ended_at": START}, "acknowledged_by"),
        ({"worst": "dreadful", "ended_at": START}, "worst"),
    ):
        with pytest.raises(IntegrityError, match=f"ck_incidents_{constraint}"):
            add(tempmon_db, incident(**wrong))


def test_an_incident_with_records_cannot_be_deleted(tempmon_db: Engine, kitchen: Kitchen) -> None:
    incident = Incident(
        kind="too_warm", severity="critical", worst="critical", began_at=START,
        appliance_id=kitchen.appliance,
    )  # fmt: skip
    add(tempmon_db, incident)
    add(
        tempmon_db,
        IncidentEvent(incident_id=incident.id, happened_at=START, kind="began"),
        CorrectiveAction(incident_id=incident.id, done_at=START, by_name="Sam", what="Moved milk"),
    )
    with pytest.raises(IntegrityError, match="foreign key"), writing(tempmon_db) as session:
        session.execute(text("DELETE FROM incidents"))
    with pytest.raises(IntegrityError, match="ck_corrective_actions_what"):
        add(
            tempmon_db,
            CorrectiveAction(incident_id=incident.id, done_at=START, by_name="Sam", what=" "),
        )


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"valid": during(0, None)}, "ends"),
        ({"reason": ""}, "reason"),
        ({"appliance_id": None}, "subject"),
    ],
)
def test_a_silence_has_an_end_a_reason_and_a_subject(
    tempmon_db: Engine, kitchen: Kitchen, values: dict[str, Any], constraint: str
) -> None:
    good = {
        "appliance_id": kitchen.appliance, "valid": during(0, 1), "by_name": "Sam",
        "reason": "new door",
    }  # fmt: skip
    add(tempmon_db, Silence(**good))
    with pytest.raises(IntegrityError, match=f"ck_silences_{constraint}"):
        add(tempmon_db, Silence(**{**good, **values}))


def test_defrosting_names_days_of_the_week(tempmon_db: Engine, kitchen: Kitchen) -> None:
    good = {"appliance_id": kitchen.appliance, "valid": during(0, None), "lasts_s": 1800}
    at = datetime(2026, 1, 1, 3, 0, tzinfo=UTC).time()
    add(tempmon_db, Defrost(**good, weekdays=[1, 7], begins=at))
    for wrong in ([0], [8], []):
        with pytest.raises(IntegrityError, match="ck_defrosts_weekdays"):
            add(tempmon_db, Defrost(**good, weekdays=wrong, begins=at))


def test_a_reading_with_its_index_takes_less_than_60_bytes_when_its_day_is_over(
    tempmon_db: Engine, kitchen: Kitchen, postgresql: Server
) -> None:
    count, sensors = 100_000, 50
    with writing(tempmon_db) as session:
        numbers = [kitchen.number, *_sensors(session, kitchen, sensors - 1)]
    yesterday = datetime.now(UTC).replace(hour=0, minute=0, second=0) - timedelta(days=1)
    url = postgresql.owner_url(str(tempmon_db.url.database))
    keep_up("tempmon", url, TempmonModel.metadata, since=yesterday.date())
    with tempmon_db.begin() as connection:
        cursor: Any = connection.connection.cursor()
        lines = (
            f"{numbers[n % sensors]}\t{second(yesterday) + n // sensors * 30}\t{400 + n % 37}\n"
            for n in range(count)
        )
        copy = "COPY readings (sensor, taken, hundredths) FROM STDIN"
        cursor.copy_expert(copy, StringIO("".join(lines)))
    heap, index = sizes(tempmon_db)
    assert heap / count < 37
    assert (heap + index) / count < 64, (heap / count, index / count)
    packed = "days of readings packed"
    assert keep_up("tempmon", url, TempmonModel.metadata).steps[packed] == 1
    heap, index = sizes(tempmon_db)
    assert (heap + index) / count < 58, (heap / count, index / count)
    assert keep_up("tempmon", url, TempmonModel.metadata).steps[packed] == 0


def sizes(tempmon_db: Engine) -> tuple[int, int]:
    """Measure the bytes of all readings, and of their indexes."""
    with tempmon_db.begin() as connection:
        heap, index = connection.execute(
            text(
                "SELECT sum(pg_relation_size(c.oid)), sum(pg_indexes_size(c.oid)) FROM pg_class c"
                " WHERE c.relname ~ '^readings_2' AND c.relkind = 'r' AND reltuples <> 0"
            )
        ).one()
    return int(heap), int(index)


def _sensors(session: Session, kitchen: Kitchen, count: int) -> list[int]:
    made = [Sensor(address=f"28-{n:012x}", probe_id=kitchen.probe) for n in range(count)]
    session.add_all(made)
    session.flush()
    return [each.number for each in made]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO appliances (name, kind) VALUES ('x', 'oven')",
        "INSERT INTO appliances (name, kind) VALUES (' x', 'cooler')",
        "UPDATE probes SET interval_s = 0",
        "UPDATE probes SET key_hash = 'short'",
        "UPDATE sensors SET resolution_bits = 8",
        "UPDATE sensors SET address = ''",
    ],
)
def test_equipment_that_cannot_be_is_refused(
    tempmon_db: Engine, kitchen: Kitchen, statement: str
) -> None:
    assert kitchen
    with pytest.raises(DBAPIError, match="violates check"), writing(tempmon_db) as session:
        session.execute(text(statement))
