# SPDX-License-Identifier: Apache-2.0
"""apt-get and dpkg: waiting for their locks, repairing what was interrupted, progress, clear words.

What happens when the line is cut: while packages are downloaded, apt-get is asked to end; while
dpkg works it is left to finish, since half a package helps nobody; the run stops after it. After a
power cut or kill, the next run repairs with `dpkg --configure -a` and `apt-get -f install`.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time

from poser.errors import PoserError
from poser.machine.process import ENVIRONMENT, CommandFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from poser.machine.process import Result
    from poser.machine.system import System

LOCKS = (
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/lock",
    "/var/lib/apt/lists/lock",
    "/var/cache/apt/archives/lock",
)
LOCK_WAIT_S = 600.0
_ENVIRONMENT = {
    **ENVIRONMENT,
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBCONF_NONINTERACTIVE_SEEN": "true",
    "APT_LISTCHANGES_FRONTEND": "none",
    "NEEDRESTART_SUSPEND": "1",
}
_OPTIONS = (
    "--yes",
    "--quiet=2",
    "--no-install-recommends",
    "--option=Dpkg::Options::=--force-confdef",
    "--option=Dpkg::Options::=--force-confold",
    "--option=Dpkg::Use-Pty=0",
    "--option=APT::Status-Fd={fd}",
    "--option=Acquire::Retries=2",
    "--option=Acquire::http::Timeout=30",
    "--option=Acquire::https::Timeout=30",
    "--option=DPkg::Lock::Timeout=60",
)
_FLOCK = "hhqqi"  # struct flock of 64-bit Linux


class AptGet:
    """One conversation with apt-get, on behalf of the resource that is being mended."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._unpacking = False
        self._line = b""

    def repair(self) -> None:
        """Finish what an interrupted dpkg left, and fetch what is missing for that."""
        self._wait()
        self._system.progress("finishing an interrupted installation")
        self._dpkg("--configure", "-a", may_fail=True)
        self.run("--fix-broken", "install")
        self._dpkg("--configure", "-a")

    def update(self) -> None:
        """Fetch the lists of packages; a mirror that does not answer is an error."""
        self.run("--option=APT::Update::Error-Mode=any", "update")

    def install(self, names: Sequence[str]) -> None:
        """Install packages by name."""
        self.run("install", *names)

    def run(self, *arguments: str) -> Result:
        """Run apt-get once its locks are free; raises CommandFailed with a hint."""
        self._wait()
        there, here = os.pipe()
        self._unpacking = False
        options = [word.replace("{fd}", str(here)) for word in _OPTIONS]
        try:
            return self._system.run(
                ("apt-get", *options, *arguments),
                environment=_ENVIRONMENT,
                finishes=lambda: self._unpacking,
                hears=(there, here, self._hear),
            )
        finally:
            os.close(there)

    def _dpkg(self, *arguments: str, may_fail: bool = False) -> Result:
        options = ("--force-confdef", "--force-confold")
        return self._system.run(
            ("dpkg", *options, *arguments),
            environment=_ENVIRONMENT,
            may_fail=may_fail,
            finishes=lambda: True,
        )

    def _hear(self, data: bytes) -> None:
        """Follow apt's status lines: "dlstatus:..." while it loads, "pmstatus:..." with dpkg.

        Source: README.progress-reporting of apt
        """
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            match line.decode(errors="replace").split(":", 3):
                case ["pmstatus", package, percent, text]:
                    self._unpacking = True
                    self._system.progress(f"{_share(percent)} {text or package}")
                case ["dlstatus", _, percent, text]:
                    self._system.progress(f"{_share(percent)} {text}")

    def _wait(self) -> None:
        """Wait while another program holds a lock of apt or dpkg; PoserError if it never ends."""
        ends = time.monotonic() + LOCK_WAIT_S
        while holder := next(filter(None, map(lock_holder, LOCKS)), 0):
            self._system.peer.check()
            words = f"{program(holder)} (process {holder}) is installing packages"
            if time.monotonic() > ends:
                raise PoserError(
                    f"{words}, and did not end within {LOCK_WAIT_S:.0f} s",
                    hint=f"look at it on the machine: ps -fp {holder}",
                )
            self._system.progress(f"waiting: {words}")
            time.sleep(0.5)


def _share(percent: str) -> str:
    return f"{percent.partition('.')[0]:>3} %"


def lock_holder(path: str) -> int:
    """Return the process that holds a lock of apt or dpkg, or 0."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        answer = struct.unpack(_FLOCK, fcntl.fcntl(fd, fcntl.F_GETLK, asked))
    finally:
        os.close(fd)
    return 0 if answer[0] == fcntl.F_UNLCK else max(answer[4], 1)


def program(pid: int) -> str:
    """Return the name of a running program."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return "a program"


def nearest_names(system: System, wanted: str) -> list[str]:
    """Return names of packages that look like `wanted`, for an error about a name that is none."""
    import difflib

    start = wanted[:3]
    known = system.run(("apt-cache", "pkgnames", start), may_fail=True).out.split()
    return difflib.get_close_matches(wanted, sorted(known), n=3, cutoff=0.75)


def explained(error: CommandFailed, system: System) -> CommandFailed:
    """Add to an error of apt-get what a person can do about it."""
    from poser.machine.explain import apt_words

    words = apt_words(error.result.err + error.result.out)
    plain = tuple(word for word in error.result.command if not word.startswith("--option="))
    result = error.result.replace(command=plain)
    if words.unknown:
        near = [nearest_names(system, name) for name in words.unknown]
        pairs = zip(words.unknown, near, strict=True)
        shown = "; ".join(f"{name} (nearest: {', '.join(n) or 'none'})" for name, n in pairs)
        hint = "correct the name in the role, or add the apt source that has it"
        return CommandFailed(result, message=f"there is no package {shown}", hint=hint)
    message = words.message or f"{' '.join(plain)}: ended with exit code {result.rc}"
    return CommandFailed(result, message=message, hint=words.hint)
