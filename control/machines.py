# SPDX-License-Identifier: Apache-2.0
"""Talks with one machine: sends the kit and what the machine is meant to be, follows its events.

Everything goes over one connection; a job is one session of it.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from control.kit import Blobs
from poser.errors import PoserError, WireError
from poser.machine import wire
from poser.machine.resource import Resource, encode

if TYPE_CHECKING:
    from fabric import Connection  # type: ignore[import-untyped]  # Fabric ships no types
    from paramiko import Channel

    from control.inventory import Machine
    from control.release import BuiltRelease
    from roles.values import Role

Event = dict[str, Any]
Hear = Callable[[Event], None]
"""Is told every event of a machine, as it comes."""

_STDERR_LINES = 20
_CHUNK = 1 << 16


class MachineFailed(PoserError):  # noqa: N818 - says what happened, as the sentence would
    """A machine stopped at a resource; `key` names it, `output` are the command's own words."""

    def __init__(self, message: str, *, hint: str = "", key: str = "", output: str = "") -> None:
        super().__init__(message, hint=hint)
        self.key = key
        self.output = output


@dataclass(slots=True, kw_only=True)
class Converged:
    """What a machine answered: the steps planned, the changes made, and the final event."""

    planned: list[Event] = field(default_factory=list)
    changed: list[Event] = field(default_factory=list)
    done: Event = field(default_factory=dict)

    @property
    def verified_sha256(self) -> str:
        """The values that the machine was last verified with; "" when never."""
        return str(self.done.get("verified_sha256") or "")


def role_job(role: "Role", *, check: bool, diff: bool, release: str = "") -> dict[str, Any]:
    """Return the job that makes a machine what `role` says, or only tells what is wrong.

    `release` is the id that the machine will say it runs.
    """
    return {
        "mode": "check" if check else "converge",
        "role": role.name,
        "release": release,
        "values_sha256": role.values_sha256,
        "resources": encode(role.resources),
        "show_diff": diff,
    }


def amend_job(resources: Sequence[Resource]) -> dict[str, Any]:
    """Return the job that puts resources in the place of those that a machine was told of.

    All else stays as it is, also the release: for what must not wait for the next provisioning.
    """
    return {"mode": "amend", "resources": encode(resources), "show_diff": False}


def converge(
    connection: "Connection",
    machine: "Machine",
    job: Mapping[str, Any],
    blobs: Blobs,
    hear: Hear,
    *,
    confirm: Callable[[], None],
) -> Converged:
    """Run a job of `role_job` on a machine and return what came of it.

    `confirm` is called when a change could have cut the line: it must reach the machine over a
    new connection. Raises MachineFailed when a resource cannot be mended or is still wrong after
    that, WireError when the machine falls silent.
    """
    result = Converged()
    for event in events(connection, machine, job, blobs):
        hear(event)
        kind = event["event"]
        if kind == "plan":
            result.planned.extend(event["steps"])
        elif kind == "changed":
            result.changed.append(event)
        elif kind == "confirm-needed":
            confirm()
        elif kind == "failed":
            raise _failure(machine, event)
        elif kind == "done":
            result.done = event
    return result


def events(
    connection: "Connection",
    machine: "Machine",
    job: Mapping[str, Any],
    blobs: Blobs | None = None,
) -> Iterator[Event]:
    """Open a session, send a job and yield what the machine says, to the final event."""
    blobs = blobs or Blobs()
    with session(connection, bootstrap(machine, blobs.kit_sha256)) as channel:
        stdin, stdout = channel.makefile_stdin("wb"), channel.makefile("rb")
        try:
            yield from wire.converse(stdin, stdout, job, blobs)
        except (WireError, OSError, EOFError) as error:
            raise _silent(machine, channel, error) from error


def bootstrap(machine: "Machine", kit_sha256: str) -> str:
    """Return the command line that starts the kit on a machine, as root."""
    command = wire.BOOTSTRAP_COMMAND(kit_sha256)
    return command if machine.user == "root" else f"sudo -n -- {command}"


def as_root(machine: "Machine", command: str) -> str:
    """Return the command line that runs a shell command on a machine as root."""
    return command if machine.user == "root" else f"sudo -n -- sh -c {shlex.quote(command)}"


def pipe(connection: "Connection", command: str, source: Path) -> tuple[int, str]:
    """Run a command with a file as its standard input; return its exit code and what it said."""
    with session(connection, command) as channel:
        channel.set_combine_stderr(True)
        with source.open("rb") as file:
            try:
                while chunk := file.read(_CHUNK):
                    channel.sendall(chunk)
            except OSError:
                pass  # the command did not want all of it; its exit code tells whether that is well
        channel.shutdown_write()
        said = b"".join(iter(lambda: channel.recv(_CHUNK), b""))
        return channel.recv_exit_status(), said.decode(errors="replace").strip()


def blobs(release: "BuiltRelease") -> Blobs:
    """Return what a machine may ask for while it is brought to a role: the kit, the release."""
    return Blobs(release)


@contextmanager
def session(connection: "Connection", command: str) -> Iterator["Channel"]:
    """Run a command in a new session of an open connection; the session ends with the block."""
    channel = connection.create_session()
    try:
        channel.exec_command(command)
        yield channel
    finally:
        channel.close()


def _failure(machine: "Machine", event: Event) -> PoserError:
    """Return the error for a final `failed` event."""
    key, message = str(event.get("key", "")), str(event.get("message", ""))
    output, hint = str(event.get("output", "")).rstrip(), str(event.get("hint", ""))
    what = f"{machine.name}: {key}: {message}" if key else f"{machine.name}: {message}"
    return MachineFailed(what, hint=hint, key=key, output=output)


def _silent(machine: "Machine", channel: "Channel", error: Exception) -> WireError:
    """Return the error for a machine that stopped in the middle, with what it still said."""
    said = b""
    while channel.recv_stderr_ready():
        said += channel.recv_stderr(_CHUNK)
    lines = said.decode(errors="replace").strip().splitlines()[-_STDERR_LINES:]
    message = f"{machine.name}: {error}" + "".join(f"\n  {line}" for line in lines)
    return WireError(
        message, hint=_what_helps(machine, " ".join(lines)) or getattr(error, "hint", "")
    )


def _what_helps(machine: "Machine", said: str) -> str:
    """Return what to do when the kit could not even be started; "" when it was something else."""
    if "sudo" in said and ("password" in said or "not found" in said or "sudoers" in said):
        return f"let {machine.user} use sudo without a password, or sign in as root"
    if "python3" in said and ("not found" in said or "No such file" in said):
        return "machines need Debian's package python3: apt-get install python3"
    return ""


def confirm(connection: "Connection", machine: "Machine") -> None:
    """Tell a machine, over a connection made after a change, that the change may stay.

    Raises MachineFailed when it does not agree.
    """
    for event in events(connection, machine, {"mode": "confirm"}):
        if event["event"] == "failed":
            raise _failure(machine, event)
