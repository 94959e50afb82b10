# SPDX-License-Identifier: Apache-2.0
"""One run at a time on a machine, with a clear word to the second one.

A run whose line was cut may still wait for a program that must not be interrupted (dpkg). It says
so in the lock file, and the next run waits for it. A run that is alive and well is an error.
"""

from __future__ import annotations

import fcntl
import json
import os
import time

from poser.errors import PoserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.peer import Peer

PATH = "/run/poser-kit.lock"
# A run that was just cut needs a moment to notice.
NOTICES_S = 5.0
FINISHES_S = 900.0


class Lock:
    """The right to change this machine, held until the process ends."""

    def __init__(self, path: str = PATH) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, peer: Peer, *, notices_s: float = NOTICES_S) -> None:
        """Take the lock; PoserError when another run is at work and goes on."""
        began = time.monotonic()
        while not self._try():
            peer.check()
            other, waited = self._read(), time.monotonic() - began
            is_finishing = bool(other.get("finishing"))
            if waited > (FINISHES_S if is_finishing else notices_s):
                raise PoserError(
                    f"another run (process {other.get('pid', '?')}, since "
                    f"{other.get('since', '?')}) is changing this machine",
                    hint="wait for it; if its connection is lost it stops by itself, "
                    f"or stop it there: kill {other.get('pid', 'PID')}",
                )
            if is_finishing:
                peer.progress("lock", "an earlier run was cut off and is finishing its last step")
            time.sleep(0.1)
        self._write(finishing=False)

    def finishing(self) -> None:
        """Say that this run ends as soon as it can."""
        self._write(finishing=True)

    def give(self) -> None:
        """Give it back before the process ends."""
        os.close(self._fd)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _read(self) -> dict[str, object]:
        try:
            found = json.loads(os.pread(self._fd, 4096, 0))
        except ValueError:  # it is just being written
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, *, finishing: bool) -> None:
        since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
        text = json.dumps({"pid": os.getpid(), "since": since, "finishing": finishing})
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, text.encode(), 0)
