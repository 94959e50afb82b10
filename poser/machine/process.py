# SPDX-License-Identifier: Apache-2.0
"""Other programs: started from a list, never through a shell, in a process group of their own.

Output goes into memory files, so that many can run at once, none ever waits for us to read, and a
daemon that inherits them keeps nobody waiting. `subprocess` would cost 8 ms of each run.
"""

from __future__ import annotations

import os
import signal

from poser.errors import PoserError
from poser.machine.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from poser.machine.accounts import Accounts

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Programs answer in one language, and clusters and files that they make are in UTF-8.
ENVIRONMENT = {"PATH": PATH, "LC_ALL": "C.UTF-8", "HOME": "/root", "TERM": "dumb"}
_LAST_LINES = 20
_ENDED_BY_SIGNAL = 128


class Result(Value):
    """How a program ended: exit code (128 + n when signal n ended it) and what it said."""

    command: tuple[str, ...]
    rc: int
    out: str
    err: str

    @property
    def last_words(self) -> str:
        """The last lines of its complaint, behind its last lines of output when that is short."""
        complaint = self.err.strip().splitlines()[-_LAST_LINES:]
        room = _LAST_LINES - len(complaint)
        output = self.out.strip().splitlines()[-room:] if room else []
        return "\n".join(output + complaint)


class CommandFailed(PoserError):  # noqa: N818 - says what happened
    """A program could not be started, or ended with an exit code that means failure."""

    def __init__(self, result: Result, *, message: str = "", hint: str = "") -> None:
        shown = " ".join(result.command)
        super().__init__(message or f"{shown}: ended with exit code {result.rc}", hint=hint)
        self.result = result


class Child:
    """A started program. `end` waits for it; `stop` asks its whole process group to go."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        keep: Sequence[int] = (),
    ) -> None:
        """Start it; `keep` are further file descriptors that it gets, by the same numbers."""
        self.command = tuple(command)
        self._files = [os.memfd_create(name) for name in ("stdin", "stdout", "stderr")]
        os.write(self._files[0], stdin)
        os.lseek(self._files[0], 0, os.SEEK_SET)
        actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(self._files)]
        actions += [(os.POSIX_SPAWN_DUP2, fd, fd) for fd in keep]
        try:
            self.pid = os.posix_spawnp(
                command[0],
                self.command,
                environment or ENVIRONMENT,
                file_actions=actions,
                setsid=True,
                setsigmask=(),
                setsigdef=(signal.SIGPIPE, signal.SIGHUP, signal.SIGTERM, signal.SIGINT),
            )
        except OSError as error:
            self._close()
            words = f"cannot start {command[0]}: {error.strerror}"
            result = Result(command=self.command, rc=127, out="", err=words)
            raise CommandFailed(result, message=words) from error
        self.pidfd = os.pidfd_open(self.pid)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Send a signal to the program and all it has started, if it still runs."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return

    def end(self) -> Result:
        """Wait for the program and return how it ended."""
        rc, out, err = self.end_raw()
        told = {"out": out.decode(errors="replace"), "err": err.decode(errors="replace")}
        return Result(command=self.command, rc=rc, **told)

    def end_raw(self) -> tuple[int, bytes, bytes]:
        """Wait for the program and return its exit code and the bytes it wrote."""
        _, status = os.waitpid(self.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        out, err = _content(self._files[1]), _content(self._files[2])
        self._close()
        os.close(self.pidfd)
        return code if code >= 0 else _ENDED_BY_SIGNAL - code, out, err

    def _close(self) -> None:
        for fd in self._files:
            os.close(fd)


def _content(fd: int) -> bytes:
    return os.pread(fd, os.fstat(fd).st_size, 0)


def as_user(accounts: Accounts, user: str, command: Sequence[str]) -> tuple[str, ...]:
    """Return a command that runs this one as `user` with its groups; PoserError if unknown."""
    if user == "root":
        return tuple(command)
    group = accounts.users[user].gid if user in accounts.users else 0
    ids = (f"--reuid={accounts.uid(user)}", f"--regid={group}")
    return ("setpriv", *ids, "--init-groups", "--inh-caps=-all", "--", *command)
