# SPDX-License-Identifier: Apache-2.0
"""Judges on the probe itself, for its light and its buzzer: with the line cut, too.

Only what needs no history: each sensor has a bucket of seconds that fills while it is outside its
limits and drains while it is inside. The node judges again, and tells people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from tempmon_client.scratchpad import Measured
from tempmon_client.settings import Limits, SensorSettings, Settings


class Level(IntEnum):
    """How bad it is."""

    GOOD = 0
    FAULT = 1
    """A sensor gives no temperature."""
    WARNING = 2
    CRITICAL = 3


@dataclass(slots=True)
class _Bucket:
    """Seconds outside a band; it runs over when they are enough."""

    seconds: float = 0.0
    is_over: bool = False

    def count(self, passed: float, delay_s: float, clear_s: float, *, is_outside: bool) -> bool:
        """Add what has passed; tells whether it runs over."""
        if is_outside:
            self.seconds = min(self.seconds + passed, delay_s)
            self.is_over |= self.seconds >= delay_s
        else:
            # All of it has gone when the band was kept for as long as it takes to be clear.
            whole = max(clear_s, 1.0)
            self.seconds = max(0.0, self.seconds - passed * max(delay_s, 1.0) / whole)
            self.is_over &= self.seconds > 0
        return self.is_over


@dataclass(slots=True)
class _Sensor:
    warning: _Bucket = field(default_factory=_Bucket)
    critical: _Bucket = field(default_factory=_Bucket)
    failed_s: float = 0.0
    level: Level = Level.GOOD


@dataclass(slots=True)
class Warner:
    """How each sensor is; `judge` is called once a cycle."""

    _sensors: dict[str, _Sensor] = field(default_factory=dict)

    def judge(self, settings: Settings, measured: Mapping[str, Measured], passed_s: float) -> Level:
        """Take in what was measured after so many seconds; returns the worst of all."""
        for address in set(self._sensors) - set(settings.sensors):
            del self._sensors[address]
        for address, known in settings.sensors.items():
            one = self._sensors.setdefault(address, _Sensor())
            one.level = _level(one, known, measured.get(address), passed_s)
        return max((one.level for one in self._sensors.values()), default=Level.GOOD)

    def levels(self) -> dict[str, Level]:
        """Return how each sensor is."""
        return {address: one.level for address, one in self._sensors.items()}


def _level(one: _Sensor, known: SensorSettings, found: Measured | None, passed: float) -> Level:
    limits = known.limits
    if found is None or found.hundredths is None:
        one.failed_s += passed
        return Level.FAULT if one.failed_s >= limits.critical_delay_s else one.level
    one.failed_s = 0.0
    said = known.correction.of(found.hundredths)
    inside = limits.hysteresis
    is_critical = one.critical.count(
        passed,
        limits.critical_delay_s,
        limits.clear_delay_s,
        is_outside=_is_outside(said, limits, "critical", inside if one.critical.is_over else 0),
    )
    is_warning = one.warning.count(
        passed,
        limits.warning_delay_s,
        limits.clear_delay_s,
        is_outside=_is_outside(said, limits, "warning", inside if one.warning.is_over else 0),
    )
    if is_critical:
        return Level.CRITICAL
    return Level.WARNING if is_warning else Level.GOOD


def _is_outside(said: int, limits: Limits, band: str, inside: int) -> bool:
    """Tell whether a temperature is outside a band, or not far enough inside to be good again."""
    low, high = getattr(limits, f"{band}_low"), getattr(limits, f"{band}_high")
    return (low is not None and said < low + inside) or (high is not None and said > high - inside)
