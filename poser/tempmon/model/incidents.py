# SPDX-License-Identifier: Apache-2.0
"""What went wrong and what was done about it: incidents, their events, messages to people."""

from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, Time, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import CreatedAt, Id
from poser.tempmon.model.columns import (
    During,
    TempmonModel,
    filled,
    flag,
    one_of,
    perhaps,
    perhaps_celsius,
    real_range,
    reference,
    whole,
    words,
)


class IncidentKind(StrEnum):
    """What is wrong."""

    TOO_WARM = "too_warm"
    TOO_COLD = "too_cold"
    SENSOR_ERROR = "sensor_error"
    SENSOR_LOST = "sensor_lost"
    SENSOR_STUCK = "sensor_stuck"
    PROBE_OFFLINE = "probe_offline"
    CLOCK_WRONG = "clock_wrong"


class Severity(StrEnum):
    """How bad it is; one incident can get worse and better."""

    WARNING = "warning"
    CRITICAL = "critical"


class Incident(TempmonModel):
    """Something that is wrong, from its first sign until it is over and closed."""

    __tablename__ = "incidents"
    __table_args__ = (
        one_of("kind", IncidentKind),
        one_of("severity", Severity),
        one_of("worst", Severity),
        CheckConstraint("num_nonnulls(appliance_id, probe_id) > 0", name="subject"),
        CheckConstraint("coalesce(ended_at >= began_at, true)", name="ended_at"),
        CheckConstraint("closed_at IS NULL OR ended_at IS NOT NULL", name="closed_at"),
        CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by = '')", name="acknowledged_by"
        ),
        Index(
            "ix_incidents_open",
            text("coalesce(appliance_id, probe_id)"),
            text("coalesce(sensor_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
            "kind",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_incidents_began_at_id", "began_at", "id"),
        {"comment": "What went wrong: one row from the first sign until it is closed."},
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(comment="too_warm, probe_offline and so on; IncidentKind.")
    severity: Mapped[str] = mapped_column(comment="warning or critical: as it is now.")
    worst: Mapped[str] = mapped_column(comment="warning or critical: as bad as it was.")
    appliance_id: Mapped[UUID | None] = perhaps(
        "appliances.id", "The appliance, if it is about one."
    )
    probe_id: Mapped[UUID | None] = perhaps("probes.id", "The probe, if it is about one.")
    sensor_id: Mapped[UUID | None] = perhaps("sensors.id", "The sensor, if it is about one.")
    threshold_id: Mapped[UUID | None] = perhaps("thresholds.id", "The limits that were broken.")
    began_at: Mapped[datetime] = mapped_column(comment="The first sign (UTC).")
    alarmed_at: Mapped[datetime | None] = mapped_column(
        comment="When people were first told (UTC); none: it did not last long enough."
    )
    acknowledged_at: Mapped[datetime | None] = mapped_column(
        comment="When somebody took it on (UTC): repeats stop, the incident goes on."
    )
    acknowledged_by: Mapped[str] = words("Who took it on.")
    ended_at: Mapped[datetime | None] = mapped_column(comment="When all was good again (UTC).")
    closed_at: Mapped[datetime | None] = mapped_column(
        comment="When somebody closed it with a note (UTC)."
    )
    closed_by: Mapped[str] = words("Who closed it.")
    lowest_c: Mapped[Decimal | None] = perhaps_celsius("Lowest corrected temperature in it, °C.")
    highest_c: Mapped[Decimal | None] = perhaps_celsius("Highest corrected temperature in it, °C.")


class EventKind(StrEnum):
    """What happened to an incident."""

    BEGAN = "began"
    WORSE = "worse"
    BETTER = "better"
    ALARMED = "alarmed"
    REPEATED = "repeated"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    NOTE = "note"
    ENDED = "ended"
    CLOSED = "closed"


class IncidentEvent(TempmonModel):
    """One thing that happened to an incident; written once."""

    __tablename__ = "incident_events"
    __table_args__ = (
        one_of("kind", EventKind),
        Index("ix_incident_events_incident_id_happened_at", "incident_id", "happened_at"),
        {"comment": "What happened to incidents, in order; written once, never changed."},
    )

    id: Mapped[Id]
    incident_id: Mapped[UUID] = reference("incidents.id", "The incident.", index=False)
    happened_at: Mapped[datetime] = mapped_column(comment="When it happened (UTC).")
    kind: Mapped[str] = mapped_column(comment="began, alarmed, closed and so on; see EventKind.")
    by_name: Mapped[str] = words("Who did it; empty: the program.")
    note: Mapped[str] = words("What they said, or what the program saw.")
    celsius: Mapped[Decimal | None] = perhaps_celsius("The temperature at that moment, °C.")


class CorrectiveAction(TempmonModel):
    """What people did about an incident, as food rules want it written."""

    __tablename__ = "corrective_actions"
    __table_args__ = (
        filled("what"),
        filled("by_name"),
        {"comment": "What people did about incidents: an entry is never changed."},
    )

    id: Mapped[Id]
    incident_id: Mapped[UUID] = reference("incidents.id", "The incident.")
    done_at: Mapped[datetime] = mapped_column(comment="When it was done (UTC).")
    by_name: Mapped[str] = mapped_column(comment="Who did it.")
    what: Mapped[str] = mapped_column(comment="What was done.")
    goods: Mapped[str] = words("What became of the goods: kept, moved, thrown away.")
    measured_c: Mapped[Decimal | None] = perhaps_celsius("Temperature measured by hand, °C.")
    created_at: Mapped[CreatedAt]


class Channel(StrEnum):
    """How people are told."""

    MAIL = "mail"
    SCREEN = "screen"
    BUZZER = "buzzer"


class Escalation(TempmonModel):
    """One step of the ladder: who is told when nobody has acknowledged for so long."""

    __tablename__ = "escalations"
    __table_args__ = (
        UniqueConstraint(
            "appliance_id", "step", "channel", "recipient", postgresql_nulls_not_distinct=True
        ),
        one_of("channel", Channel),
        one_of("severity", Severity),
        CheckConstraint("step > 0 AND after_s >= 0", name="step"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet_from"),
        {"comment": "Who is told about incidents, in steps, until somebody acknowledges."},
    )

    id: Mapped[Id]
    appliance_id: Mapped[UUID | None] = perhaps("appliances.id", "The appliance; none: all others.")
    step: Mapped[int] = mapped_column(SmallInteger, comment="Place on the ladder from 1.")
    after_s: Mapped[int] = mapped_column(comment="Seconds after the alarm.")
    severity: Mapped[str] = mapped_column(comment="warning: for both; critical: for that only.")
    channel: Mapped[str] = mapped_column(comment="mail, screen or buzzer; see Channel.")
    recipient: Mapped[str] = words("Address of the person or the user role; empty for a buzzer.")
    quiet_from: Mapped[time | None] = mapped_column(
        Time(timezone=False), comment="From when nobody is told, as clocks in the store show."
    )
    quiet_to: Mapped[time | None] = mapped_column(
        Time(timezone=False), comment="Until when nobody is told, as clocks in the store show."
    )
    created_at: Mapped[CreatedAt]


class Outcome(StrEnum):
    """What became of a notification."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"


class Notification(TempmonModel):
    """One message to people, with what became of it."""

    __tablename__ = "notifications"
    __table_args__ = (
        one_of("channel", Channel),
        one_of("outcome", Outcome),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("(outcome = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        Index("ix_notifications_due_at", "due_at", postgresql_where=text("outcome = 'waiting'")),
        Index("ix_notifications_created_at_id", "created_at", "id"),
        {"comment": "Messages to people about incidents, each with its result."},
    )

    id: Mapped[Id]
    incident_id: Mapped[UUID] = reference("incidents.id", "The incident.")
    channel: Mapped[str] = mapped_column(comment="mail, screen or buzzer; see Channel.")
    recipient: Mapped[str] = words("Whom it is for.")
    subject: Mapped[str] = mapped_column(comment="What it says, in one line.")
    due_at: Mapped[datetime] = mapped_column(comment="When it is to be sent, or sent again (UTC).")
    sent_at: Mapped[datetime | None] = mapped_column(comment="When it was handed over (UTC).")
    outcome: Mapped[str] = mapped_column(comment="waiting, sent, failed or held; see Outcome.")
    attempts: Mapped[int] = whole("How often it was tried.", 0)
    result: Mapped[str] = words("What the mail server or the device said.")
    created_at: Mapped[CreatedAt]


class Silence(During, TempmonModel):
    """A time in which nobody is told about something: work on it is under way."""

    __tablename__ = "silences"
    __table_args__ = (
        real_range(),
        filled("reason"),
        filled("by_name"),
        CheckConstraint("NOT upper_inf(valid)", name="ends"),
        CheckConstraint(
            "num_nonnulls(appliance_id, probe_id) = 1 OR store_number <> ''", name="subject"
        ),
        {"comment": "Times in which nobody is told: always with an end and a reason."},
    )

    id: Mapped[Id]
    appliance_id: Mapped[UUID | None] = perhaps("appliances.id", "The appliance it is about.")
    probe_id: Mapped[UUID | None] = perhaps("probes.id", "The probe it is about.")
    store_number: Mapped[str] = words("The store it is about, if it is about all of one.")
    is_recorded: Mapped[bool] = flag("Incidents are kept all the same.", default=True)
    created_at: Mapped[CreatedAt]
