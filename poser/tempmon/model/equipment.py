# SPDX-License-Identifier: Apache-2.0
"""What is watched and by what: appliances, probes, sensors, where sensors are, calibration."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import CreatedAt, Id, ModifiedAt
from poser.tempmon.model.columns import (
    During,
    TempmonModel,
    celsius,
    filled,
    flag,
    no_overlap,
    one_of,
    part_of,
    perhaps_celsius,
    real_range,
    reference,
    whole,
    words,
)


class ApplianceKind(StrEnum):
    """What an appliance is; each kind has a ready profile of limits."""

    COOLER = "cooler"
    FREEZER = "freezer"
    HOT_HOLD = "hot_hold"
    VACCINE_FRIDGE = "vaccine_fridge"
    VACCINE_FREEZER = "vaccine_freezer"
    ROOM = "room"


class Appliance(TempmonModel):
    """A fridge, a freezer, a hot shelf, a room: what has a temperature to keep."""

    __tablename__ = "appliances"
    __table_args__ = (
        UniqueConstraint("store_number", "name"),
        one_of("kind", ApplianceKind),
        filled("name"),
        {"comment": "Fridges, freezers, rooms: what has a temperature to keep."},
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(comment="What people call it, such as Dairy case 2.")
    kind: Mapped[str] = mapped_column(comment="cooler, freezer and so on; see ApplianceKind.")
    store_number: Mapped[str] = words("Number of the store it stands in; empty without stores.")
    location: Mapped[str] = words("Where in the store.")
    notes: Mapped[str] = words("For people.")
    image: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="A photograph (JPEG or PNG), to find it by."
    )
    is_watched: Mapped[bool] = flag("Judged and alarmed for; no: out of use.", default=True)
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class Probe(TempmonModel):
    """A small computer with sensors, which sends their readings."""

    __tablename__ = "probes"
    __table_args__ = (
        UniqueConstraint("serial"),
        UniqueConstraint("name"),
        filled("name"),
        filled("serial"),
        CheckConstraint("interval_s BETWEEN 1 AND 3600", name="interval_s"),
        CheckConstraint("key_hash IS NULL OR length(key_hash) = 32", name="key_hash"),
        {"comment": "Small computers with sensors (a Raspberry Pi each) that send readings."},
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(comment="What people call it, such as store-3-cold-room.")
    serial: Mapped[str] = mapped_column(comment="Serial number of the board, known at once.")
    store_number: Mapped[str] = words("Number of the store it is in; empty without stores.")
    location: Mapped[str] = words("Where it hangs.")
    notes: Mapped[str] = words("For people.")
    interval_s: Mapped[int] = whole("Seconds from one reading of a sensor to the next.", 60)
    key_hash: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="SHA-256 of the key it signs in with; none: it cannot send."
    )
    enrolled_at: Mapped[datetime | None] = mapped_column(
        comment="When a person let it in (UTC); none: it waits for that."
    )
    disabled_at: Mapped[datetime | None] = mapped_column(
        comment="Since when it is out of use (UTC); none: it is expected to send."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class ProbeState(TempmonModel):
    """How a probe is doing; one row each, changed with every message of it."""

    __tablename__ = "probe_states"
    __table_args__ = (
        {
            "comment": "How each probe is doing: its last message and what that said.",
            "postgresql_with": {"fillfactor": 50},
        },
    )

    probe_id: Mapped[UUID] = mapped_column(
        ForeignKey("probes.id", ondelete="CASCADE"), primary_key=True, comment="The probe."
    )
    seen_at: Mapped[datetime] = mapped_column(
        comment="When its last message came in (UTC, this node's clock)."
    )
    address: Mapped[str | None] = mapped_column(INET, comment="Network address it came from.")
    release: Mapped[str] = words("Which release of its software it runs.")
    boot_id: Mapped[UUID | None] = mapped_column(comment="Id of its boot; another: it restarted.")
    uptime_s: Mapped[int] = whole("Seconds since it was booted.", 0)
    clock_error_ms: Mapped[int | None] = mapped_column(
        comment="Its clock less ours, in milliseconds; none: not known."
    )
    is_clock_synced: Mapped[bool] = flag("Its clock is set by a time server.", default=False)
    queued: Mapped[int] = whole("Readings that it has not sent yet.", 0)


class Sensor(TempmonModel):
    """One thermometer on a probe."""

    __tablename__ = "sensors"
    __table_args__ = (
        UniqueConstraint("address"),
        UniqueConstraint("number"),
        filled("address"),
        CheckConstraint("resolution_bits BETWEEN 9 AND 12", name="resolution_bits"),
        CheckConstraint("number > 0", name="number"),
        {"comment": "Thermometers: one row each, for ever."},
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(
        SmallInteger,
        Identity(always=True),
        comment="A small number of its own, by which readings name it: 1 to 32767.",
    )
    address: Mapped[str] = mapped_column(comment="Its 1-Wire address, such as 28-0316a2794bff.")
    probe_id: Mapped[UUID] = reference("probes.id", "The probe that it is connected to now.")
    name: Mapped[str] = words("What people call it.")
    resolution_bits: Mapped[int] = whole("9 to 12; 12 is 0.0625 °C and takes 750 ms.", 12)
    is_lost: Mapped[bool] = flag("The probe does not find it any more.", default=False)
    disabled_at: Mapped[datetime | None] = mapped_column(
        comment="Since when it is out of use (UTC); none: it is expected to read."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class Place(StrEnum):
    """What of an appliance a sensor measures."""

    AIR = "air"
    PRODUCT = "product"
    RETURN_AIR = "return_air"
    AMBIENT = "ambient"


class SensorPlacement(During, TempmonModel):
    """Which appliance a sensor measured, and when: one at a time."""

    __tablename__ = "sensor_placements"
    __table_args__ = (
        no_overlap("sensor_placements", "sensor_id"),
        one_of("place", Place),
        real_range(),
        {"comment": "Which appliance each sensor measures, and measured before."},
    )

    id: Mapped[Id]
    sensor_id: Mapped[UUID] = reference("sensors.id", "The sensor.")
    appliance_id: Mapped[UUID] = reference("appliances.id", "What it measures.")
    place: Mapped[str] = mapped_column(comment="air, product and so on; see Place.")
    created_at: Mapped[CreatedAt]


class Calibration(During, TempmonModel):
    """What is added to the readings of a sensor, from one or two known temperatures."""

    __tablename__ = "calibrations"
    __table_args__ = (
        no_overlap("calibrations", "sensor_id"),
        real_range(),
        CheckConstraint(
            "(high_c IS NULL) = (high_correction_c IS NULL) AND (high_c IS NULL OR high_c > low_c)",
            name="high_c",
        ),
        CheckConstraint("uncertainty_c IS NULL OR uncertainty_c >= 0", name="uncertainty_c"),
        CheckConstraint("due_on IS NULL OR due_on > made_on", name="due_on"),
        {"comment": "Corrections of sensors; readings are kept as they were read."},
    )

    id: Mapped[Id]
    sensor_id: Mapped[UUID] = reference("sensors.id", "The sensor.")
    low_c: Mapped[Decimal] = celsius("Temperature at which it was compared, °C.")
    low_correction_c: Mapped[Decimal] = celsius("What to add to a reading there, °C.")
    high_c: Mapped[Decimal | None] = perhaps_celsius(
        "The second temperature, °C, if there was one."
    )
    high_correction_c: Mapped[Decimal | None] = perhaps_celsius(
        "What to add there, °C; in between and beyond along the line."
    )
    uncertainty_c: Mapped[Decimal | None] = perhaps_celsius(
        "Uncertainty of the comparison, °C (k=2), if the certificate says."
    )
    made_on: Mapped[date] = mapped_column(comment="Day of the comparison.")
    due_on: Mapped[date | None] = mapped_column(comment="Day by which the next one is due.")
    laboratory: Mapped[str] = words("Who compared it.")
    certificate_number: Mapped[str] = words("Number of the certificate; may be empty.")
    certificate: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="The certificate itself, as PDF."
    )
    created_at: Mapped[CreatedAt]


class Message(TempmonModel):
    """One message of a probe: how its clock was, and which readings it brought."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("probe_id", "boot_id", "number"),
        CheckConstraint("readings >= 0 AND new_readings BETWEEN 0 AND readings", name="readings"),
        {"comment": "Messages of probes, so that each is taken in once and clocks can be judged."},
    )

    id: Mapped[Id]
    probe_id: Mapped[UUID] = part_of("probes.id", "The probe that sent it.", index=False)
    boot_id: Mapped[UUID] = mapped_column(comment="The boot of the probe that it comes from.")
    number: Mapped[int] = mapped_column(comment="Counted by the probe from 1 since that boot.")
    received_at: Mapped[datetime] = mapped_column(
        index=True, comment="When it came in (UTC, this node's clock)."
    )
    clock_error_ms: Mapped[int | None] = mapped_column(
        comment="The probe's clock less ours, in milliseconds; none: not known."
    )
    readings: Mapped[int] = mapped_column(comment="How many readings it brought.")
    new_readings: Mapped[int] = mapped_column(comment="How many of them were not there yet.")
