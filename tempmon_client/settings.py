# SPDX-License-Identifier: Apache-2.0
"""What a node tells a probe about its sensors; kept, so that it warns without the node, too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tempmon_client.fields import Fields, WireError

MOST_SENSORS = 64
_LARGEST = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When the probe itself warns of a sensor, in hundredths of a degree Celsius and seconds."""

    warning_low: int | None = None
    warning_high: int | None = None
    critical_low: int | None = None
    critical_high: int | None = None
    hysteresis: int = 50
    warning_delay_s: int = 1800
    critical_delay_s: int = 300
    clear_delay_s: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What is added to a reading: `low_by` at `low`, `high_by` at `high`, along the line between.

    All are hundredths of a degree Celsius; without `high` it is `low_by` everywhere.
    """

    low: int = 0
    low_by: int = 0
    high: int | None = None
    high_by: int = 0

    def of(self, hundredths: int) -> int:
        """Correct a reading."""
        if self.high is None:
            return hundredths + self.low_by
        slope = (self.high_by - self.low_by) / (self.high - self.low)
        return hundredths + round(self.low_by + slope * (hundredths - self.low))


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorSettings:
    """What a probe has to know of one sensor."""

    name: str = ""
    limits: Limits = field(default_factory=Limits)
    correction: Correction = field(default_factory=Correction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a node tells a probe; kept by the probe, so that it warns without the node, too."""

    version: int = 0
    name: str = ""
    interval_s: int = 60
    buzzes: bool = True
    door_open_s: int = 300
    sensors: Mapping[str, SensorSettings] = field(default_factory=dict)


def settings_out(settings: Settings) -> dict[str, Any]:
    """Write settings as JSON has them, for an answer and for the probe's own card."""
    return {
        "version": settings.version,
        "name": settings.name,
        "interval": settings.interval_s,
        "buzzes": settings.buzzes,
        "door": settings.door_open_s,
        "sensors": {
            address: {
                "name": one.name,
                "limits": {name: getattr(one.limits, name) for name in Limits.__slots__},
                "correction": {
                    name: getattr(one.correction, name) for name in Correction.__slots__
                },
            }
            for address, one in settings.sensors.items()
        },
    }


def settings_in(said: Fields) -> Settings:
    """Read settings; raises WireError that names what is wrong, and where."""
    found = said.inner("sensors")
    return Settings(
        version=said.whole("version", 0, _LARGEST),
        name=said.text("name", most=200),
        interval_s=said.whole("interval", 1, 3600),
        buzzes=said.truth("buzzes"),
        door_open_s=said.whole("door", 0, 86400),
        sensors={name: _sensor_in(found.inner(name)) for name in found.names(MOST_SENSORS)},
    )


def _sensor_in(said: Fields) -> SensorSettings:
    correction = said.inner("correction")
    high = correction.whole_or_none("high", -99999, 99999)
    low = correction.whole("low", -99999, 99999)
    if high is not None and high <= low:
        raise WireError(f"{correction.path('high')}: {high} is not above {low}")
    return SensorSettings(
        name=said.text("name", most=200),
        limits=_limits_in(said.inner("limits")),
        correction=Correction(
            low=low,
            low_by=correction.whole("low_by", -99999, 99999),
            high=high,
            high_by=correction.whole("high_by", -99999, 99999),
        ),
    )


def _limits_in(said: Fields) -> Limits:
    def degrees(name: str) -> int | None:
        return said.whole_or_none(name, -99999, 99999)

    def seconds(name: str) -> int:
        return said.whole(name, 0, 10**7)

    return Limits(
        warning_low=degrees("warning_low"),
        warning_high=degrees("warning_high"),
        critical_low=degrees("critical_low"),
        critical_high=degrees("critical_high"),
        hysteresis=said.whole("hysteresis", 0, 99999),
        warning_delay_s=seconds("warning_delay_s"),
        critical_delay_s=seconds("critical_delay_s"),
        clear_delay_s=seconds("clear_delay_s"),
    )
