# SPDX-License-Identifier: Apache-2.0
"""Readings, their roll-ups, and what could not be read.

A reading is as narrow as it can be, for there are millions of them a day: a number for the
sensor, one for the time, one for the temperature, and nothing about errors, which are rare
and stand beside. With its index it takes 62 bytes on its day, and 57 when the day is over
and upkeep has packed it.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
)
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import Id
from poser.db.partitions import Partitions, Unit
from poser.tempmon.model.columns import TempmonModel, one_of, words

EPOCH = date(2020, 1, 1)
"""Readings count seconds from the midnight (UTC) at which this day began."""

READINGS = Partitions(table="readings", column="taken", unit=Unit.DAY, ahead=7, since=EPOCH)
QUARTERS = Partitions(table="reading_quarters", column="begins_at", unit=Unit.MONTH, ahead=2)


class Reading(TempmonModel):
    """One temperature, as the sensor said it: not corrected."""

    __tablename__ = "readings"
    __table_args__ = (
        # The sensor comes first: one is asked for at a time, and its times ascend.
        PrimaryKeyConstraint("sensor", "taken"),
        {
            "comment": "Temperatures as sensors said them; each sensor has one for each second.",
            "postgresql_partition_by": "RANGE (taken)",
            "info": {"partitions": READINGS},
        },
    )

    taken: Mapped[int] = mapped_column(
        Integer,
        autoincrement=False,
        comment="When, in seconds since 2020-01-01 00:00 UTC; see reading_time.",
    )
    sensor: Mapped[int] = mapped_column(
        SmallInteger,
        ForeignKey("sensors.number"),
        autoincrement=False,
        comment="The number of the sensor.",
    )
    hundredths: Mapped[int] = mapped_column(
        SmallInteger, comment="The temperature in hundredths of a degree Celsius."
    )


class ReadingQuarter(TempmonModel):
    """Fifteen minutes of one sensor."""

    __tablename__ = "reading_quarters"
    __table_args__ = (
        CheckConstraint("count > 0", name="count"),
        CheckConstraint("lowest <= highest", name="lowest"),
        CheckConstraint("out_of_range_s BETWEEN 0 AND 900", name="out_of_range_s"),
        {
            "comment": "Readings of each sensor added up by 15 minutes; kept for years.",
            "postgresql_partition_by": "RANGE (begins_at)",
            "info": {"partitions": QUARTERS},
        },
    )

    sensor: Mapped[int] = mapped_column(
        SmallInteger,
        ForeignKey("sensors.number"),
        primary_key=True,
        autoincrement=False,
        comment="The number of the sensor.",
    )
    begins_at: Mapped[datetime] = mapped_column(
        primary_key=True, comment="Begin of the 15 minutes (UTC)."
    )
    lowest: Mapped[int] = mapped_column(
        SmallInteger, comment="Lowest temperature in hundredths of a degree Celsius, corrected."
    )
    highest: Mapped[int] = mapped_column(
        SmallInteger, comment="Highest temperature in hundredths of a degree Celsius, corrected."
    )
    total: Mapped[int] = mapped_column(
        Integer, comment="Sum of the temperatures in hundredths of a degree Celsius, corrected."
    )
    count: Mapped[int] = mapped_column(SmallInteger, comment="How many readings.")
    out_of_range_s: Mapped[int] = mapped_column(
        SmallInteger, comment="Seconds outside the warning band that held then."
    )


class Fault(StrEnum):
    """Why there is no temperature, or why its time is doubtful."""

    LOST_POWER = "lost_power"
    WEAK_POWER = "weak_power"
    SHORT = "short"
    BAD_CRC = "bad_crc"
    INCOMPLETE = "incomplete"
    GONE = "gone"
    OUT_OF_RANGE = "out_of_range"
    FUTURE = "future"
    UNSYNCED = "unsynced"


class ReadingFault(TempmonModel):
    """A reading that failed, or whose time is doubtful."""

    __tablename__ = "reading_faults"
    __table_args__ = (
        one_of("fault", Fault),
        CheckConstraint("octet_length(raw) <= 64", name="raw"),
        Index("ix_reading_faults_sensor_taken_at", "sensor", "taken_at", unique=True),
        Index("ix_reading_faults_received_at", "received_at"),
        {"comment": "Readings that failed, or whose time is doubtful; rare."},
    )

    id: Mapped[Id]
    sensor: Mapped[int] = mapped_column(
        SmallInteger, ForeignKey("sensors.number"), comment="The number of the sensor."
    )
    taken_at: Mapped[datetime] = mapped_column(comment="When, by the probe's clock (UTC).")
    received_at: Mapped[datetime] = mapped_column(comment="When we heard of it (UTC).")
    fault: Mapped[str] = mapped_column(comment="lost_power, bad_crc and so on; see Fault.")
    hundredths: Mapped[int | None] = mapped_column(
        SmallInteger,
        comment="The temperature, if it was one, in hundredths of a degree Celsius.",
    )
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, comment="The bytes the sensor gave.")
    said: Mapped[str] = words("What the probe said about it.")
