# SPDX-License-Identifier: Apache-2.0
"""systemctl on behalf of a service, with the service's own last words when it fails."""

from __future__ import annotations

import time

from poser.machine import started
from poser.machine.explain import service_words
from poser.machine.process import CommandFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from poser.machine.process import Result
    from poser.machine.system import System


class Mender:
    """Brings one unit into its state."""

    def __init__(self, system: System, unit: str) -> None:
        self._system = system
        self._unit = unit
        self._began = 0

    def enable(self, *, wanted: bool, masked: bool) -> None:
        """Enable or disable the unit; systemd hears of it before the next start."""
        if wanted and masked:
            self._system.systemctl("unmask", "--quiet", self._unit)
        verb = "enable" if wanted else "disable"
        self._system.systemctl("--no-reload", "--quiet", verb, self._unit)
        self._system.systemd_must_read()

    def stop(self) -> None:
        """Stop the unit."""
        self._system.systemctl("stop", self._unit)

    def start(self, verb: str, paths: Sequence[str]) -> None:
        """Start, restart or reload; then keep what was in the files that it read.

        The files are read before, so that a change meanwhile is seen as one. Raises
        CommandFailed with the last lines of the service's own log.
        """
        seen = self._system.look(("path", path) for path in paths)
        words = {path: started.fingerprint(seen.get("path", path)) for path in paths}
        self._system.systemctl("reset-failed", self._unit, may_fail=True)
        self._began = int(time.time())
        self._system.progress(verb)
        result = self._system.systemctl(verb, self._unit, may_fail=True)
        if result.rc:
            raise self.explained(result)
        started.remember(self._system.disk, self._unit, words)

    def explained(self, result: Result) -> CommandFailed:
        """Add the log of the service, and what its words mean."""
        which = (f"--since=@{self._began}", f"--unit={self._unit}")
        log = self._system.run(
            ("journalctl", "--no-pager", "--quiet", "--output=cat", *which), may_fail=True
        ).out
        words = service_words(log)
        told = result.replace(out=result.err, err=log)
        message = f"{self._unit} does not start" + (f": {words.message}" if words.message else "")
        hint = words.hint or f"the last lines are its own; more: journalctl -u {self._unit}"
        return CommandFailed(told, message=message, hint=hint)
