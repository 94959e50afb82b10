# SPDX-License-Identifier: Apache-2.0
"""When an appliance is too warm or too cold: limits with their history, and defrosting."""

from datetime import time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, SmallInteger, Time
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import CreatedAt, Id
from poser.tempmon.model.columns import (
    CELSIUS,
    During,
    TempmonModel,
    no_overlap,
    perhaps_celsius,
    real_range,
    reference,
    whole,
)

_ASCENDING = " AND ".join(
    f"coalesce({lower} {sign} {upper}, true)"
    for lower, sign, upper in (
        ("critical_low_c", "<=", "warning_low_c"),
        ("warning_low_c", "<", "warning_high_c"),
        ("warning_high_c", "<=", "critical_high_c"),
        ("critical_low_c", "<", "critical_high_c"),
        ("compliance_low_c", "<", "compliance_high_c"),
    )
)
_DELAYS = " AND ".join(
    f"{name} >= 0"
    for name in ("warning_delay_s", "critical_delay_s", "clear_delay_s", "repeat_after_s")
)


class Threshold(During, TempmonModel):
    """The limits of one appliance for a time: two bands, and how long they may be left.

    A change ends one row and begins the next, so every alarm can be explained later.
    """

    __tablename__ = "thresholds"
    __table_args__ = (
        no_overlap("thresholds", "appliance_id"),
        real_range(),
        CheckConstraint(_ASCENDING, name="ascending"),
        CheckConstraint(
            "num_nonnulls(warning_low_c, warning_high_c, critical_low_c, critical_high_c) > 0",
            name="some",
        ),
        CheckConstraint(_DELAYS, name="delays"),
        CheckConstraint("hysteresis_c >= 0", name="hysteresis_c"),
        CheckConstraint("silent_after_s > 0 AND stuck_after_s >= 0", name="silent_after_s"),
        {"comment": "Limits of appliances, now and in the past."},
    )

    id: Mapped[Id]
    appliance_id: Mapped[UUID] = reference("appliances.id", "The appliance.")
    warning_low_c: Mapped[Decimal | None] = perhaps_celsius("Below this is a warning, °C.")
    warning_high_c: Mapped[Decimal | None] = perhaps_celsius("Above this is a warning, °C.")
    critical_low_c: Mapped[Decimal | None] = perhaps_celsius("Below this is critical, °C.")
    critical_high_c: Mapped[Decimal | None] = perhaps_celsius("Above this is critical, °C.")
    compliance_low_c: Mapped[Decimal | None] = perhaps_celsius(
        "Below this breaks the rules that reports judge by, °C."
    )
    compliance_high_c: Mapped[Decimal | None] = perhaps_celsius(
        "Above this breaks the rules that reports judge by, °C."
    )
    hysteresis_c: Mapped[Decimal] = mapped_column(
        CELSIUS,
        server_default="0.5",
        default=Decimal("0.5"),
        comment="How far inside a limit it must be to count as good again, °C.",
    )
    warning_delay_s: Mapped[int] = whole("Seconds of warning that may pass before an alarm.", 1800)
    critical_delay_s: Mapped[int] = whole("Seconds of critical that may pass before one.", 300)
    clear_delay_s: Mapped[int] = whole("Seconds of good that end an incident.", 300)
    silent_after_s: Mapped[int] = whole("Seconds without a reading that count as silent.", 300)
    stuck_after_s: Mapped[int] = whole(
        "Seconds of one same value that count as stuck; 0: never.", 28800
    )
    repeat_after_s: Mapped[int] = whole(
        "Seconds until an alarm nobody acknowledged is repeated; 0: never.", 3600
    )
    created_at: Mapped[CreatedAt]


class Defrost(During, TempmonModel):
    """A time of the day at which an appliance may be warmer, because it defrosts itself."""

    __tablename__ = "defrosts"
    __table_args__ = (
        real_range(),
        CheckConstraint("lasts_s BETWEEN 60 AND 86400", name="lasts_s"),
        CheckConstraint(
            "weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[] AND cardinality(weekdays) > 0",
            name="weekdays",
        ),
        {"comment": "Times at which appliances defrost, when a higher limit holds."},
    )

    id: Mapped[Id]
    appliance_id: Mapped[UUID] = reference("appliances.id", "The appliance.")
    weekdays: Mapped[list[int]] = mapped_column(
        ARRAY(SmallInteger), comment="Days of the week: 1 Monday to 7 Sunday."
    )
    begins: Mapped[time] = mapped_column(
        Time(timezone=False), comment="Time of day at which it begins, as clocks in the store show."
    )
    lasts_s: Mapped[int] = mapped_column(comment="How long it may take, in seconds.")
    high_c: Mapped[Decimal | None] = perhaps_celsius(
        "Above this is too warm even then, °C; none: anything goes."
    )
    created_at: Mapped[CreatedAt]
