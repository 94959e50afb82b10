# SPDX-License-Identifier: Apache-2.0
"""Holds a machine to what its role promises: testinfra over one channel of its connection.

The tests of `tests/machines/promises` run in a process of their own, so that several machines can
be verified at the same time. Their commands come here over a socket pair and go through one
session of the machine's Fabric connection, which the kit's shell mode keeps open.
"""

import base64
import json
import os
import pickle
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any

from control.machines import as_root, bootstrap, session
from control.paths import CHECKOUT
from poser.errors import PoserError, WireError
from poser.machine import pack, wire
from roles.values import Host, Role

if TYPE_CHECKING:
    from fabric import Connection  # type: ignore[import-untyped]  # Fabric ships no types
    from paramiko import Channel

    from control.inventory import Machine

CHANNEL = "POSER_VERIFY_FD"
TESTS = CHECKOUT / "tests" / "machines" / "promises"
COMMAND_MAY_TAKE_S = 120
_ALL_PASSED, _SOME_FAILED = 0, 1
_CHUNK = 1 << 16
_LAST_LINES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a machine is meant to be, as the tests get it.

    `person_pem` are certificate and key of a person, where servers of the machine ask for them.
    """

    role: Role
    host: Host
    person_pem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One finished check; `promise` is "" when it holds the machine to its declared values."""

    name: str
    promise: str
    passed: bool
    seconds: float
    seen: str
    n: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A check that failed: which machine, which promise, what was seen."""

    machine: str
    promise: str
    check: str
    seen: str

    def __str__(self) -> str:
        what = (
            f"does not keep its promise: {self.promise}" if self.promise else "is not as declared"
        )
        return f"{self.machine} {what}\n  check: {self.check}\n  seen: {self.seen}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResult:
    """How a verification went."""

    machine: str
    passed: int
    failed: int
    failures: tuple[Failure, ...]


def subject_from(message: Mapping[str, Any]) -> Subject:
    """Return the subject that `verify` sent to its test process."""
    subject = pickle.loads(base64.b64decode(message["subject"]))  # noqa: S301 - from our parent
    if not isinstance(subject, Subject):
        raise TypeError(f"a subject was expected, this is {type(subject).__name__}")
    return subject


def verify(
    machine: "Machine",
    connection: "Connection",
    role: Role,
    host: Host,
    *,
    person_pem: str = "",
    hear: Callable[[Checked], None] | None = None,
) -> VerifyResult:
    """Run every check that `role` asks for against one machine, over its open connection.

    `hear` is told each finished check. When all pass, the machine notes the fingerprint of the
    values it was held to. The web app is killed and frozen once on the way, and is back within
    seconds. Raises PoserError when the checks cannot be run to their end.
    """
    portable = replace(host, secrets=dict(host.secrets))
    subject = Subject(role=role, host=portable, person_pem=person_pem)
    with session(connection, bootstrap(machine, pack.kit()[0])) as channel:
        channel.settimeout(COMMAND_MAY_TAKE_S)
        shell = _Shell(machine, connection, channel)
        checked = _run_tests(subject, shell, hear or (lambda _: None))
        result = _result(machine.name, checked)
        if not result.failed:
            shell.note_verified(role.values_sha256)
    return result


class _Shell:
    """Runs commands on a machine, as root: in the kit's shell, which costs no session each."""

    def __init__(self, machine: "Machine", connection: "Connection", channel: "Channel") -> None:
        self._machine = machine
        self._connection = connection
        self._stdin = channel.makefile_stdin("wb")
        self._stdout = channel.makefile("rb")
        kit_sha256, kit = pack.kit()
        self._blobs = {kit_sha256: kit}
        wire.write_frame(self._stdin, "job", wire.pack_job({"mode": "shell"}))

    def run(self, command: str) -> Mapping[str, Any]:
        """Run a shell command; the answer has rc and, in base64, out and err."""
        wire.write_frame(self._stdin, "run", json.dumps({"command": command}).encode())
        return self._answer("ran")

    def run_with(self, command: str, stdin: bytes) -> Mapping[str, Any]:
        """Run a shell command in a session of its own, with a standard input that stays secret."""
        with session(self._connection, as_root(self._machine, command)) as channel:
            channel.settimeout(COMMAND_MAY_TAKE_S)
            channel.sendall(stdin)
            channel.shutdown_write()
            out = b"".join(iter(lambda: channel.recv(_CHUNK), b""))
            err = b"".join(iter(lambda: channel.recv_stderr(_CHUNK), b""))
            coded = {"out": base64.b64encode(out).decode(), "err": base64.b64encode(err).decode()}
            return {"rc": channel.recv_exit_status(), **coded}

    def note_verified(self, values_sha256: str) -> None:
        """Note on the machine that it was held to these values and stood."""
        frame = json.dumps({"values_sha256": values_sha256}).encode()
        wire.write_frame(self._stdin, "verified", frame)
        self._answer("verified")

    def _answer(self, kind: str) -> Mapping[str, Any]:
        """Return the next event of this kind, giving the machine the kit if it asks for it."""
        try:
            for event in wire.events(self._stdout):
                if event["event"] == "need":
                    wire.write_frame(self._stdin, "blob", self._blobs[str(event["sha256"])])
                elif event["event"] == kind:
                    return event
        except (OSError, WireError) as error:
            raise self._gone(error) from error
        raise self._gone(WireError("it ended the session"))

    def _gone(self, error: Exception) -> WireError:
        return WireError(
            f"{self._machine.name}: the verification was cut off: {error or type(error).__name__}",
            hint=f"run it again: fab verify host={self._machine.name}",
        )


def _run_tests(subject: Subject, shell: _Shell, hear: Callable[[Checked], None]) -> list[Checked]:
    """Start pytest, answer its commands until it ends, and return what it found."""
    ours, theirs = socket.socketpair()
    with ours, theirs, tempfile.TemporaryFile("w+") as words:
        process = _start(theirs, words)
        theirs.close()
        try:
            with ours.makefile("rw", encoding="utf-8") as lines:
                checked = _relay(subject, shell, lines, hear)
            code = process.wait()
        finally:
            process.kill()
            process.wait()
        if code not in {_ALL_PASSED, _SOME_FAILED} or not checked:
            words.seek(0)
            raise PoserError(
                f"{subject.host.name}: the checks did not run to their end (pytest: {code})\n"
                + "".join(words.readlines()[-_LAST_LINES:]),
                hint=f"mend what it says, then: fab verify host={subject.host.name}",
            )
    return checked


def _start(theirs: socket.socket, words: IO[str]) -> subprocess.Popen[str]:
    """Start pytest on the promises' tests with the other end of the socket pair."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        CHANNEL: str(theirs.fileno()),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(TESTS)],
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=words,
        stderr=subprocess.STDOUT,
        pass_fds=(theirs.fileno(),),
        text=True,
    )


def _relay(
    subject: Subject, shell: _Shell, lines: IO[str], hear: Callable[[Checked], None]
) -> list[Checked]:
    """Send the subject, then answer each command and collect each finished check."""
    checked: list[Checked] = []
    count = 0
    _say(lines, {"subject": base64.b64encode(pickle.dumps(subject)).decode()})
    for line in lines:
        message = json.loads(line)
        if "run" in message:
            stdin = message.get("stdin")
            command = message["run"]
            _say(lines, shell.run_with(command, stdin.encode()) if stdin else shell.run(command))
        elif "count" in message:
            count = message["count"]
        else:
            checked.append(Checked(**message, n=len(checked) + 1, of=count))
            hear(checked[-1])
    return checked


def _say(lines: IO[str], message: Mapping[str, Any]) -> None:
    lines.write(json.dumps(message) + "\n")
    lines.flush()


def _result(machine: str, checked: list[Checked]) -> VerifyResult:
    failures = tuple(
        Failure(machine=machine, promise=one.promise, check=one.name, seen=one.seen)
        for one in checked
        if not one.passed
    )
    passed = len(checked) - len(failures)
    return VerifyResult(machine=machine, passed=passed, failed=len(failures), failures=failures)
