# SPDX-License-Identifier: Apache-2.0
"""What a resource may do to the machine while it mends: programs, files, systemd, a word home."""

from __future__ import annotations

import os
import select
import signal
from time import monotonic

from poser.machine import started
from poser.machine.accounts import Accounts
from poser.machine.disk import Disk
from poser.machine.look import answers
from poser.machine.peer import GONE
from poser.machine.process import ENVIRONMENT, Child, CommandFailed, as_user
from poser.machine.secret import reveal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from poser.machine.disk import Content
    from poser.machine.facts import Facts, Query
    from poser.machine.peer import Peer
    from poser.machine.process import Result
    from poser.machine.secret import Secret

_GRACE_S = 10.0  # between asking a program to end and ending it


class System:
    """The machine below `root`, changed on behalf of one resource at a time.

    `step` is called with a name before every single change and every program; it is where a run
    stops when its line is cut.
    """

    def __init__(
        self, peer: Peer, *, root: str = "", step: Callable[[str], None] | None = None
    ) -> None:
        self.peer = peer
        self.root = root
        self.accounts = Accounts(root)
        self._step = step or (lambda _: peer.check())
        self.disk = Disk(root=root, step=self._step, accounts=self.accounts)
        self.key = ""  # of the resource that is being mended
        self.tick: Callable[[], None] = lambda: None  # called at least each second of waiting
        self._reload_due = False

    # Looking again

    def look(self, queries: Iterable[Query]) -> Facts:
        """Return fresh facts, when what is known may be old."""
        return answers(queries, self.root)

    # Words home

    def progress(self, text: str) -> None:
        """Tell what is going on in this resource; a busy resource tells it often."""
        self.peer.progress(self.key, text)

    def fetch(self, sha256: str, path: str) -> None:
        """Get a blob from the control side into a file."""
        self.peer.fetch(sha256, self.disk.at(path))

    # Files

    def write(self, file: Content) -> None:
        """Put a file in place, whole or not at all; services that read it must start anew."""
        started.forget(self.disk, file.path)
        self.disk.write(file)

    def link(self, path: str, target: str) -> None:
        """Make or switch a link; services that follow it must start anew."""
        started.forget(self.disk, path)
        self.disk.link(path, target)

    def remove(self, path: str) -> None:
        """Remove a file, a link or an empty directory."""
        started.forget(self.disk, path)
        self.disk.remove(path)

    # Programs

    def run(
        self,
        command: Sequence[str],
        *,
        stdin: str | Secret = "",
        user: str = "root",
        environment: Mapping[str, str] | None = None,
        may_fail: bool = False,
        finishes: Callable[[], bool] = lambda: False,
        ends_with_us: bool = False,
        hears: tuple[int, int, Callable[[bytes], None]] | None = None,
    ) -> Result:
        """Run a program to its end; raises CommandFailed when that is not 0, unless it may fail.

        When the line is cut meanwhile, the program is asked to end, unless `finishes()` says
        that it must not be interrupted now; then Cut is raised. With `ends_with_us` it ends even
        when this process is killed outright, so that the next run does not meet it. `hears` is a
        pipe: its end to read here, its end that the program gets, and what is done with what
        comes through it.
        """
        self._step(f"run {command[0]}")
        keep = [hears[1]] if hears else []
        of_user = as_user(self.accounts, user, command)
        if ends_with_us:
            of_user = ("setpriv", "--pdeathsig=TERM", "--", *of_user)
        if environment is None and user != "root":
            environment = {**ENVIRONMENT, "HOME": self.accounts.users[user].home, "USER": user}
        child = Child(of_user, stdin=reveal(stdin).encode(), environment=environment, keep=keep)
        if hears:
            os.close(hears[1])
        self._follow(child, finishes, hears)
        result = child.end()
        self.peer.check()
        if result.rc and not may_fail:
            raise CommandFailed(result)
        return result

    def _follow(
        self,
        child: Child,
        finishes: Callable[[], bool],
        hears: tuple[int, int, Callable[[bytes], None]] | None,
    ) -> None:
        """Wait for the program; end it when the line is cut."""
        poll = select.poll()
        poll.register(child.pidfd, select.POLLIN)
        poll.register(self.peer.fd, GONE)
        if hears:
            poll.register(hears[0], select.POLLIN)
        kill_at = 0.0
        while True:
            for fd, what in poll.poll(1000):
                if fd == child.pidfd:
                    return
                if fd == self.peer.fd:
                    poll.unregister(fd)
                    self.peer.cut()
                if hears and fd == hears[0]:
                    data = os.read(fd, 65536) if what & select.POLLIN else b""
                    hears[2](data) if data else poll.unregister(fd)
            self.tick()
            if self.peer.is_cut and not finishes():
                if not kill_at:
                    kill_at = monotonic() + _GRACE_S
                    child.stop(signal.SIGTERM)
                elif monotonic() > kill_at:
                    child.stop(signal.SIGKILL)

    # systemd

    def systemd_must_read(self) -> None:
        """Note that unit files changed; systemd reads them before the next start, or at the end."""
        self._reload_due = True

    def systemd_reads(self) -> None:
        """Let systemd read changed unit files now."""
        if self._reload_due:
            self._reload_due = False
            self.run(("systemctl", "daemon-reload"))

    def systemctl(self, *arguments: str, may_fail: bool = False) -> Result:
        """Run systemctl, with all unit files as they are now on disk."""
        self.systemd_reads()
        return self.run(("systemctl", *arguments), may_fail=may_fail)
