# SPDX-License-Identifier: Apache-2.0
"""Shows what happens on each machine while it happens: live on a terminal, else line by line.

Nothing is shown, and nothing is loaded to show it, while all machines are as they should be.
"""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from control.paint import is_terminal, paint_diff

if TYPE_CHECKING:
    from control.live import LiveRows

Event = dict[str, Any]

PATIENCE_S = 1.0
"""What takes longer than this is shown even when nothing changes."""
QUIET_S = 10.0
"""Lines tell how far a step is when nothing was told for this long."""


class Progress(Protocol):
    """Is told what machines do; may be told by several threads."""

    def say(self, machine: str, text: str) -> None:
        """Show what a machine is doing now ("" is the lab or the release)."""

    def hear(self, machine: str, event: Event) -> None:
        """Show an event of the kit."""

    def close(self) -> None:
        """Show no more."""


def new_progress() -> Progress:
    """Return what fits the standard output: live rows, or lines."""
    return Live() if is_terminal() else Lines()


class Lines:
    """One line for each thing that happens, for files, pipes and CI."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._now = now
        self._last_s: dict[str, float] = {}

    def say(self, machine: str, text: str) -> None:
        """Print the line."""
        with self._lock:
            self._last_s[machine] = self._now()
            print(f"{machine}: {text}" if machine else text, flush=True)  # noqa: T201

    def hear(self, machine: str, event: Event) -> None:
        """Print steps that are begun, differences that were made, and where a long step is."""
        text = line_of(event)
        if event["event"] == "progress" and self._is_fresh(machine):
            return
        if text:
            self.say(machine, text)

    def _is_fresh(self, machine: str) -> bool:
        """Tell whether something was printed of the machine a moment ago."""
        return self._now() - self._last_s.get(machine, 0.0) < QUIET_S

    def close(self) -> None:
        """Nothing is left to do."""


class Live:
    """Rows on a terminal that change in place; they appear when there is something to see."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: LiveRows | None = None
        self._last: dict[str, str] = {}
        self._is_closed = False
        self._timer = threading.Timer(PATIENCE_S, self._appear)
        self._timer.daemon = True
        self._timer.start()

    def say(self, machine: str, text: str) -> None:
        """Show `text` in the row of the machine."""
        with self._lock:
            self._last[machine] = text
            if self._rows is not None:
                self._rows.update(machine, text)

    def hear(self, machine: str, event: Event) -> None:
        """Show the step a machine is at; print what has changed above the rows."""
        if event["event"] == "changed":
            with self._lock:
                if self._rows is not None:
                    self._rows.print_changed(machine, event)
        elif text := line_of(event):
            if event["event"] in {"plan", "start"}:
                self._appear()
            self.say(machine, text)

    def close(self) -> None:
        """Take the rows away."""
        self._timer.cancel()
        with self._lock:
            self._is_closed = True
            if self._rows is not None:
                self._rows.close()

    def _appear(self) -> None:
        with self._lock:
            if self._rows is None and not self._is_closed:
                from control.live import LiveRows  # noqa: PLC0415 (rich takes its time to load)

                self._rows = LiveRows(self._last)
                self._timer.cancel()


def line_of(event: Event) -> str:
    """Return what an event says in one line; "" for those that need none."""
    kind = event["event"]
    if kind == "plan" and event["steps"]:
        return f"{count(len(event['steps']), 'change')} to make"
    if kind == "start":
        return f"{event['n']}/{event['of']} {event['key']}"
    if kind == "progress":
        return f"{event['key']}: {event['text']}"
    if kind == "changed" and event.get("diff"):
        return f"{event['key']}:\n{paint_diff(event['diff'])}"
    return ""


def count(number: int, thing: str) -> str:
    """Return "1 change", "2 changes"."""
    return f"{number} {thing}" + ("" if number == 1 else "s")
