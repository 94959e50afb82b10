# SPDX-License-Identifier: Apache-2.0
"""Talking with a machine: what it is sent, what its answers become, and when it falls silent."""

import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from control import machines
from control.inventory import Machine
from control.kit import Blobs
from control.machines import MachineFailed
from control.release import BuiltRelease
from poser.errors import WireError
from poser.machine import pack, wire

MACHINE = Machine(name="store-1", role="store", address="192.0.2.11")
JOB = {"mode": "converge"}


class Channel:
    """A session in which a machine says what it was told to say."""

    def __init__(self, answers: list[dict[str, Any]], stderr: str = "") -> None:
        self.stdin = io.BytesIO()
        self.answers = b"".join(json.dumps(each).encode() + b"\n" for each in answers)
        self.stderr = stderr.encode()
        self.command = ""
        self.is_closed = False

    def exec_command(self, command: str) -> None:
        self.command = command

    def makefile_stdin(self, _: str) -> io.BytesIO:
        return self.stdin

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self.answers)

    def recv_stderr_ready(self) -> bool:
        return bool(self.stderr)

    def recv_stderr(self, size: int) -> bytes:
        said, self.stderr = self.stderr[:size], self.stderr[size:]
        return said

    def close(self) -> None:
        self.is_closed = True


class Connection:
    """A connection with one session after the other."""

    def __init__(self, *channels: Channel) -> None:
        self.channels = iter(channels)
        self.sessions = 0

    def create_session(self) -> Channel:
        self.sessions += 1
        return next(self.channels)


def converge(
    channel: Channel, release: BuiltRelease | None = None
) -> tuple[machines.Converged, list[dict[str, Any]]]:
    heard: list[dict[str, Any]] = []
    result = machines.converge(
        Connection(channel), MACHINE, JOB, Blobs(release), heard.append, confirm=lambda: None
    )
    return result, heard


DONE = {"event": "done", "changed": 1, "resources": 9, "verified_sha256": "abc"}


def test_an_unchanged_machine_costs_one_session() -> None:
    connection = Connection(Channel([{"event": "look", "count": 9}, {**DONE, "changed": 0}]))
    result = machines.converge(
        connection,
        MACHINE,
        JOB,
        Blobs(),
        lambda _: None,
        confirm=lambda: pytest.fail("not asked for"),
    )
    assert connection.sessions == 1
    assert (result.changed, result.planned, result.verified_sha256) == ([], [], "abc")


def test_the_answers_become_what_was_planned_and_changed() -> None:
    step = {"key": "file /etc/x", "reason": "missing"}
    changed = {"event": "changed", "seconds": 0.1, **step}
    channel = Channel([{"event": "plan", "steps": [step]}, changed, DONE])
    result, heard = converge(channel)
    assert (result.planned, result.changed, result.done) == ([step], [changed], DONE)
    assert len(heard) == 3
    assert channel.is_closed
    name, data = wire.read_frame(io.BytesIO(channel.stdin.getvalue())) or ("", b"")
    assert (name, wire.unpack_job(data)) == ("job", JOB)


def test_a_machine_that_asks_gets_the_kit() -> None:
    digest, kit = pack.kit()
    channel = Channel([{"event": "need", "sha256": digest}, DONE])
    converge(channel)
    assert kit in channel.stdin.getvalue()


def test_a_machine_that_asks_gets_the_release(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.tar"
    bundle.write_bytes(b"wheels" * 1000)
    digest = sha256(bundle.read_bytes()).hexdigest()
    release = BuiltRelease(id="1-abc", sha256=digest, path=bundle, heads={})
    channel = Channel([{"event": "need", "sha256": digest}, DONE])
    _, heard = converge(channel, release)
    assert b"blob 6000\n" + b"wheels" * 1000 in channel.stdin.getvalue()
    assert heard[0]["event"] == "progress"


def test_a_failed_resource_is_named_with_the_commands_own_words() -> None:
    failed = {
        "event": "failed",
        "key": "packages nginx",
        "message": "apt-get ended with 100",
        "output": "E: Unable to locate package nginx",
        "hint": "is the mirror right?",
    }
    with pytest.raises(MachineFailed) as raised:
        converge(Channel([failed]))
    assert raised.value.message == "store-1: packages nginx: apt-get ended with 100"
    assert raised.value.output == "E: Unable to locate package nginx"
    assert raised.value.hint == "is the mirror right?"


def test_a_machine_that_falls_silent_is_quoted() -> None:
    channel = Channel([{"event": "look", "count": 9}], stderr="Killed by the kernel\n")
    with pytest.raises(WireError, match=r"(?s)store-1: .*stopped answering.*Killed by the kernel"):
        converge(channel)
    assert channel.is_closed


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("sudo: a password is required", "use sudo without a password"),
        ("sh: 1: sudo: not found", "use sudo without a password"),
        ("sh: 1: /usr/bin/python3: not found", "apt-get install python3"),
        ("Killed", "it goes on from there"),
    ],
)
def test_a_machine_that_cannot_start_the_kit_is_explained(said: str, hint: str) -> None:
    with pytest.raises(WireError) as raised:
        converge(Channel([], stderr=f"{said}\n"))
    assert said in raised.value.message
    assert hint in raised.value.hint


def test_a_change_that_could_cut_the_line_is_confirmed() -> None:
    confirmed: list[bool] = []
    channel = Channel([{"event": "confirm-needed", "seconds": 120}, DONE])
    machines.converge(
        Connection(channel),
        MACHINE,
        JOB,
        Blobs(),
        lambda _: None,
        confirm=lambda: confirmed.append(True),
    )
    assert confirmed == [True]


def test_confirming_takes_a_session_of_its_own_mode() -> None:
    channel = Channel([{"event": "confirmed"}])
    machines.confirm(Connection(channel), MACHINE)
    name, data = wire.read_frame(io.BytesIO(channel.stdin.getvalue())) or ("", b"")
    assert (name, wire.unpack_job(data)) == ("job", {"mode": "confirm"})


def test_people_who_are_not_root_go_through_sudo() -> None:
    debian = Machine(name="store-2", role="store", address="192.0.2.12", user="debian")
    assert machines.bootstrap(MACHINE, "abc").startswith("/usr/bin/python3 ")
    assert machines.bootstrap(debian, "abc").startswith("sudo -n -- /usr/bin/python3 ")
    assert machines.as_root(debian, "echo 'a b'") == "sudo -n -- sh -c 'echo '\"'\"'a b'\"'\"''"
