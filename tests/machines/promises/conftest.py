# SPDX-License-Identifier: Apache-2.0
"""Gives the tests one machine: what it is meant to be, and a channel to look at it through.

`control/verify.py` starts pytest with one end of a socket pair in POSER_VERIFY_FD. The first line
on it is the subject; then each command goes out and its answer comes back, and each finished test
is reported. Without that variable nothing is collected here.
"""

import base64
import json
import os
import socket
from collections.abc import Callable
from typing import IO, Any

import pytest
from testinfra.backend.base import BaseBackend, CommandResult
from testinfra.host import Host as Observed

from control.verify import CHANNEL, Subject, subject_from
from poser import services

HANGS = "poser-web comes back after it hangs"


class Channel:
    """Our end of the socket pair: JSON lines out and in, one answer for each command."""

    def __init__(self, descriptor: int) -> None:
        self._lines: IO[str] = socket.socket(fileno=descriptor).makefile("rw", encoding="utf-8")

    def send(self, message: dict[str, Any]) -> None:
        self._lines.write(json.dumps(message) + "\n")
        self._lines.flush()

    def receive(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            pytest.exit("the connection to the machine is gone", returncode=3)
        answer: dict[str, Any] = json.loads(line)
        return answer


class ChannelBackend(BaseBackend):
    """Runs testinfra's commands over the channel."""

    NAME = "poser"

    def __init__(self, name: str, channel: Channel) -> None:
        super().__init__(name)
        self._channel = channel

    def run(self, command: str, *args: str, **_: object) -> CommandResult:
        return self.ask(self.get_command(command, *args), "")

    def ask(self, line: str, stdin: str) -> CommandResult:
        """Run a command; a standard input is not seen by anybody on the machine."""
        self._channel.send({"run": line, "stdin": stdin})
        answer = self._channel.receive()
        out, err = (base64.b64decode(answer[name]) for name in ("out", "err"))
        return self.result(answer["rc"], self.encode(line), out, err)


class Reporter:
    """Tells the other side how each test went."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._sentences: dict[str, str] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            mark = item.get_closest_marker("promise")
            self._sentences[item.nodeid] = mark.args[0] if mark else ""
        self._channel.send({"count": len(session.items)})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        self._channel.send(
            {
                "name": report.nodeid.partition("::")[2] or report.nodeid,
                "promise": self._sentences.get(report.nodeid, ""),
                "passed": report.passed,
                "seconds": report.duration,
                "seen": _seen(report),
            }
        )


def _seen(report: pytest.TestReport) -> str:
    """Return what a failed test says: the message of its assertion, or the end of its traceback."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(crash.message) if crash else str(report.longrepr or "")
    return "" if report.passed else text


def pytest_configure(config: pytest.Config) -> None:
    if CHANNEL not in os.environ:
        return
    channel = Channel(int(os.environ[CHANNEL]))
    subject = subject_from(channel.receive())
    config.stash[_CHANNEL] = channel
    config.stash[_SUBJECT] = subject
    config.pluginmanager.register(Reporter(channel), "poser-reporter")


_CHANNEL = pytest.StashKey[Channel]()
_SUBJECT = pytest.StashKey[Subject]()
EACH = {
    "a_file": "File",
    "a_directory": "Directory",
    "a_link": "Link",
    "an_absent": "Absent",
    "a_user": "User",
    "a_service": "Service",
    "an_own_service": "Service",
    "a_database": "PgDatabase",
}


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave these tests to a verification, which brings the machine that they ask."""
    return None if _SUBJECT in config.stash else True


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `a_file` once for each file of the role, and so on."""
    role = metafunc.config.stash[_SUBJECT].role
    own = {service.unit for service in role.services}
    for fixture in EACH.keys() & set(metafunc.fixturenames):
        found = [one for one in role.resources if type(one).__name__ == EACH[fixture]]
        if EACH[fixture] == "Service":
            found = [one for one in found if (one.unit in own) == (fixture == "an_own_service")]
        metafunc.parametrize(fixture, found, ids=[one.key for one in found])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what this role promises; a promise that no test holds it to is an error."""
    if _SUBJECT not in config.stash:
        return
    role = config.stash[_SUBJECT].role
    of_item = {item: item.get_closest_marker("promise") for item in items}
    tested = {mark.args[0] for mark in of_item.values() if mark}
    untested = [promise for promise in role.promises if promise not in tested]
    if untested:
        raise pytest.UsageError(f"role {role.name}: no test holds it to {untested}")
    items[:] = [item for item, mark in of_item.items() if not mark or mark.args[0] in role.promises]
    # The app is frozen at the start: what does not need it is looked at while it comes back.
    items.sort(key=lambda item: "recovered" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def subject(pytestconfig: pytest.Config) -> Subject:
    """Return what the machine is meant to be."""
    return pytestconfig.stash[_SUBJECT]


@pytest.fixture(scope="session")
def backend(pytestconfig: pytest.Config, subject: Subject) -> ChannelBackend:
    """Return the way to the machine."""
    return ChannelBackend(subject.host.name, pytestconfig.stash[_CHANNEL])


@pytest.fixture(scope="session")
def host(backend: ChannelBackend) -> Observed:
    """Return the machine as testinfra sees it."""
    return Observed(backend)


@pytest.fixture(scope="session")
def with_stdin(backend: ChannelBackend) -> Callable[[str, str], CommandResult]:
    """Run a command that gets a text on its standard input, where nobody else can see it."""
    return backend.ask


@pytest.fixture(scope="session", autouse=True)
def frozen_at(host: Observed, subject: Subject) -> float | None:
    """Freeze the web app before anything else, as a hang would; answers the machine's uptime."""
    if HANGS not in subject.role.promises:
        return None
    unit = services.WEB.unit
    told = host.run("kill -STOP $(systemctl show -P MainPID %s) && cat /proc/uptime", unit)
    assert told.rc == 0, f"{unit} does not run: {told.stderr}"
    return float(told.stdout.split()[0])


@pytest.fixture(scope="session")
def recovered(host: Observed, frozen_at: float | None) -> float:
    """Wait until the web app answers anew; returns after how many seconds its process was fresh."""
    if frozen_at is None:
        return 0.0
    unit = services.WEB.unit
    began = host.run(
        "n=0; while [ $n -lt 600 ]; do n=$((n+1)); sleep 0.1;"
        " t=$(systemctl show -P ActiveEnterTimestampMonotonic %s);"
        " [ $t -gt %s ] && systemctl is-active -q %s && break; done;"
        " systemctl show -P ExecMainStartTimestampMonotonic %s",
        unit,
        str(int(frozen_at * 1_000_000)),
        unit,
        unit,
    )
    return int(began.stdout) / 1_000_000 - frozen_at
