# SPDX-License-Identifier: Apache-2.0
"""Changes that could lock everybody out: they are put back unless confirmed over a new connection.

Before the first guarded change of a run its old files are kept and a timer of systemd is armed.
While the run goes on, the deadline moves along. Control then opens a new connection and sends a
job with mode "confirm"; without that, the timer puts the old files back and reloads what reads
them. A run that was cut off before confirming is taken up by the next one: the files it kept stay.
"""

from __future__ import annotations

import json
import os
import sys
import time

from poser.machine import started
from poser.machine.disk import Content
from poser.machine.process import Child, CommandFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from poser.machine.disk import Disk
    from poser.machine.resource import Resource
    from poser.machine.system import System

SECONDS = 120
FOLDER = "/var/lib/poser-kit/guard"
_MANIFEST = f"{FOLDER}/armed.json"
_DEADLINE = f"{FOLDER}/deadline"
_PUT_BACK = f"{FOLDER}/put-back.json"
_UNIT = "poser-kit-restore"
_MOVE_EVERY_S = 15.0


class Guard:
    """The guard of one run over the guarded resources of a role."""

    def __init__(self, system: System, resources: Sequence[Resource]) -> None:
        self._system = system
        self._resources = resources
        self._moved = 0.0
        self.is_armed = os.path.exists(system.disk.at(_MANIFEST))

    def resume(self) -> None:
        """Take up what an earlier run left unconfirmed: from now on it has its full time again."""
        if self.is_armed:
            self._arm()

    def before(self, resource: Resource) -> None:
        """Keep the old files of a guarded resource, and see that they would be put back."""
        paths = resource.guards()
        if not paths:
            return
        disk = self._system.disk
        manifest = _read(disk.at(_MANIFEST)) or {"paths": {}, "commands": []}
        new = [path for path in paths if path not in manifest["paths"]]
        for path in new:
            manifest["paths"][path] = self._keep(path, len(manifest["paths"]))
        commands = [*manifest["commands"], *self._commands(new)]
        manifest["commands"] = [c for n, c in enumerate(commands) if c not in commands[:n]]
        text = json.dumps(manifest, indent=1)
        disk.write(Content(path=_MANIFEST, data=text.encode(), mode=0o600))
        if not self.is_armed:
            self._system.remove(_PUT_BACK)
            self.is_armed = True
            self._arm()

    def tick(self) -> None:
        """Move the deadline along while the run goes on."""
        if self.is_armed and time.monotonic() - self._moved > _MOVE_EVERY_S:
            self._move()

    def _keep(self, path: str, number: int) -> dict[str, Any] | None:
        """Copy one file; None when it is not there."""
        fact = self._system.look((("path", path),)).get("path", path)
        if fact is None or fact["type"] != "file":
            return None
        name = f"{FOLDER}/{number}"
        with open(self._system.disk.at(path), "rb") as file:
            self._system.disk.write(Content(path=name, data=file.read(), mode=0o600))
        return {"copy": name, **{key: fact[key] for key in ("mode", "owner", "group")}}

    def _commands(self, paths: Iterable[str]) -> list[list[str]]:
        """Return what makes the old files count again."""
        from poser.machine.resources.nftables import PATH as FIREWALL
        from poser.machine.resources.service import Service

        commands = []
        for path in paths:
            if path == FIREWALL:
                there = os.path.exists(self._system.disk.at(path))
                commands.append(["nft", "-f", path] if there else ["nft", "flush", "ruleset"])
            if path.startswith("/etc/systemd/"):
                commands.append(["systemctl", "daemon-reload"])
            services = (one for one in self._resources if isinstance(one, Service))
            readers = (one for one in services if path in (*one.restarts, *one.reloads))
            commands += [["systemctl", "reload-or-restart", one.unit] for one in readers]
        return commands

    def _arm(self) -> None:
        self._move()
        units = (f"{_UNIT}.timer", f"{_UNIT}.service")
        self._system.run(("systemctl", "stop", *units), may_fail=True)
        self._system.run(("systemctl", "reset-failed", *units), may_fail=True)
        kit = next(path for path in sys.path if os.path.isdir(f"{path}/poser/machine"))
        code = (
            f"import sys; sys.path.insert(0, {kit!r}); "
            "from poser.machine.guard import put_back; put_back()"
        )
        when = (f"--on-active={SECONDS}", "--timer-property=AccuracySec=1s")
        program = ("/usr/bin/python3", "-I", "-S", "-c", code)
        unit = f"--unit={_UNIT}"
        self._system.run(("systemd-run", "--quiet", "--collect", unit, *when, *program))

    def _move(self) -> None:
        self._moved = time.monotonic()
        deadline = time.clock_gettime(time.CLOCK_BOOTTIME) + SECONDS
        file = Content(path=_DEADLINE, data=f"{deadline}\n".encode(), mode=0o600)
        self._system.disk.write(file)


def confirm(system: System) -> str:
    """Keep the changes; return "" or why it is too late."""
    done = _read(system.disk.at(_PUT_BACK))
    system.remove(_MANIFEST)
    system.run(("systemctl", "stop", f"{_UNIT}.timer"), may_fail=True)
    if done:
        return f"the old files were already put back at {done['at']}: {', '.join(done['paths'])}"
    for name in os.listdir(system.disk.at(FOLDER)) if os.path.isdir(system.disk.at(FOLDER)) else ():
        system.remove(f"{FOLDER}/{name}")
    return ""


def put_back(disk: Disk | None = None) -> None:
    """Wait for the deadline, then put the old files back: what the timer runs."""
    from poser.machine.accounts import Accounts
    from poser.machine.disk import Disk

    disk = disk or Disk(accounts=Accounts())
    while (manifest := _read(disk.at(_MANIFEST))) and (rest := _rest(disk.at(_DEADLINE))) > 0:
        time.sleep(min(rest, 10.0))
    if not manifest:
        return
    for path, old in manifest["paths"].items():
        started.forget(disk, path)
        _put(disk, path, old)
    for command in manifest["commands"]:
        try:
            said = Child(command).end()
            sys.stderr.write(f"{' '.join(command)}: {said.rc} {said.last_words}\n")
        except CommandFailed as error:
            sys.stderr.write(f"{error}\n")
    record = {"at": time.strftime("%H:%M:%S UTC", time.gmtime()), "paths": list(manifest["paths"])}
    disk.write(Content(path=_PUT_BACK, data=json.dumps(record).encode(), mode=0o600))
    disk.remove(_MANIFEST)
    disk.settle()


def _put(disk: Disk, path: str, old: dict[str, Any] | None) -> None:
    if old is None:
        disk.remove(path)
        return
    with open(disk.at(old["copy"]), "rb") as file:
        data = file.read()
    owner = {"owner": old["owner"], "group": old["group"]}
    disk.write(Content(path=path, data=data, mode=old["mode"], **owner))


def _rest(path: str) -> float:
    """Return the seconds until the deadline; none when that is of another boot or lost."""
    try:
        with open(path, encoding="ascii") as file:
            rest = float(file.read()) - time.clock_gettime(time.CLOCK_BOOTTIME)
    except (OSError, ValueError):
        return 0.0
    return rest if rest <= SECONDS else 0.0


def _read(path: str) -> dict[str, Any] | None:
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
