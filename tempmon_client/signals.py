# SPDX-License-Identifier: Apache-2.0
"""The light, the buzzer, the silence button and the door switch on the board's pins.

A board without pins (or without what reads them) has none of it and works all the same.
"""

import logging
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tempmon_client.places import Pins
from tempmon_client.warning import Level

log = logging.getLogger(__name__)

SILENCED_S = 3600.0
"""How long the button silences the buzzer; what gets worse meanwhile is heard."""
# Seconds on and off.
_LIGHT = {
    Level.GOOD: (0.05, 4.95),
    Level.FAULT: (0.5, 1.5),
    Level.WARNING: (0.5, 0.5),
    Level.CRITICAL: (0.1, 0.1),
}
_BUZZER = {Level.WARNING: (0.2, 9.8), Level.CRITICAL: (0.5, 0.5)}
_IDENTIFIES = (0.05, 0.05)


@dataclass(slots=True)
class Signals:
    """What people see and hear; `devices` are gpiozero's, None where there are none."""

    light: Any = None
    buzzer: Any = None
    door: Any = None
    button: Any = None
    clock: Callable[[], float] = time.monotonic
    _level: Level = Level.GOOD
    _silent_until: float = 0.0
    _silenced_at: Level = Level.GOOD
    _blinks_until: float = 0.0
    _shown: tuple[object, object] | None = None
    _open_since: float | None = field(default=None)

    @classmethod
    def on(cls, pins: Pins) -> "Signals":
        """Take the pins of this board; what cannot be taken is left out, and told once."""
        made = cls(
            light=_device("LED", pins.light),
            buzzer=_device("Buzzer", pins.buzzer),
            button=_device("Button", pins.button),
            door=_device("Button", pins.door),
        )
        if made.button is not None:
            made.button.when_pressed = lambda: made.silence(SILENCED_S)
        return made

    def show(self, level: Level, *, buzzes: bool) -> None:
        """Show how bad it is, from now on."""
        now = self.clock()
        if level > self._silenced_at:
            self._silent_until = 0.0
        self._level = level
        blink = _IDENTIFIES if now < self._blinks_until else _LIGHT[level]
        sound = _BUZZER.get(level) if buzzes and now >= self._silent_until else None
        if self._shown == (blink, sound):
            return
        self._shown = (blink, sound)
        if self.light is not None:
            self.light.blink(*blink)
        if self.buzzer is not None and sound is None:
            self.buzzer.off()
        elif self.buzzer is not None and sound is not None:
            self.buzzer.beep(*sound)

    def silence(self, seconds: float) -> None:
        """Let the buzzer be silent for so long, or until it gets worse."""
        self._silent_until = self.clock() + seconds
        self._silenced_at = self._level
        if self.buzzer is not None:
            self.buzzer.off()
        self._shown = None

    def identify(self, seconds: float) -> None:
        """Blink quickly for so long, so that a person finds this board among others."""
        self._blinks_until = self.clock() + seconds
        self._shown = None

    def open_s(self) -> float:
        """Return for how many seconds the door has been open; 0 without a switch."""
        if self.door is None or self.door.is_pressed:  # a switch is closed with the door
            self._open_since = None
            return 0.0
        self._open_since = self._open_since or self.clock()
        return self.clock() - self._open_since


def _device(kind: str, pin: int) -> Any:  # noqa: ANN401 - gpiozero has no types
    if not pin:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of each way to reach pins that is not there
            import gpiozero  # type: ignore[import-untyped]  # noqa: PLC0415 - only probes have it

            return getattr(gpiozero, kind)(pin)
    except Exception as error:  # noqa: BLE001 - whatever a board without pins raises
        log.warning("%s on pin %s cannot be used: %s", kind, pin, error)
        return None
