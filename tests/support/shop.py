# SPDX-License-Identifier: Apache-2.0
"""A shop for tests: an inventory of its own, with machines of the lab, provisioned for real."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import roles
from control import boot, fleet, inventory, machines, provision, release
from control.connections import connect
from control.hosts import host
from control.links import Links
from control.paths import CHECKOUT, STATE
from control.provision import Report, Wanted
from control.secrets import Secrets
from control.wheels import Target

if TYPE_CHECKING:
    from pathlib import Path

    from fabric import Connection

    from control.inventory import Inventory, Machine
    from control.lab import Lab
    from control.machines import Converged
    from roles.values import Host, Role

Event = dict[str, Any]
Hears = Callable[[str, Event], None]
EXAMPLE = CHECKOUT / "examples" / "grocery-evening" / "POSLog.xml"


def ignore(machine: str, event: Event) -> None:
    """Hear nothing."""


class RecordingLinks(Links):
    """The connections of one run, which a test may break."""

    def break_off(self) -> None:
        for connection in self._open:
            if connection.is_connected:
                connection.transport.sock.shutdown(socket.SHUT_RDWR)


@dataclass(kw_only=True)
class Listener:
    """A progress display that hands each event of a machine to `hears`."""

    hears: Hears = ignore
    said: list[str] = field(default_factory=list)

    def say(self, machine: str, text: str) -> None:
        self.said.append(f"{machine}: {text}")

    def hear(self, machine: str, event: Event) -> None:
        self.hears(machine, event)

    def close(self) -> None:
        pass


@dataclass(kw_only=True)
class Shop:
    """An inventory file that grows by a machine whenever a test asks for one."""

    path: Path
    names: list[str] = field(default_factory=list)
    links: dict[str, RecordingLinks] = field(default_factory=dict)
    examples: tuple[Path, ...] = (EXAMPLE,)
    sites: dict[str, str] = field(default_factory=dict)
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def inventory(self) -> Inventory:
        """The inventory as it is now."""
        tables = "".join(self._table(name) for name in self.names)
        with self._writing:
            self.path.write_text('domain = "lab.example"\n[lab]\n' + tables)
            return inventory.load(self.path)

    def _table(self, name: str) -> str:
        lines = [
            f"\n[machines.{name}]",
            'role = "store"',
            f'site = "{self.sites.get(name, "north")}"',
        ]
        lines += [f"examples = {json.dumps([str(one) for one in self.examples])}"]
        lines += [f"[machines.{name}.settings]"]
        lines += [f'{key} = "{text}"' for key, text in self.settings.get(name, {}).items()]
        return "".join(f"{line}\n" for line in lines)

    @property
    def secrets(self) -> Secrets:
        """The secrets of the inventory."""
        return Secrets(self.inventory.secrets)

    @property
    def lab(self) -> Lab:
        """The lab that the machines stand in."""
        return boot.lab_of(self.inventory)

    def machine(self, name: str) -> Machine:
        """Return a machine with the address that it has in the lab; new names are taken in."""
        if name not in self.names:
            self.names.append(name)
        shop = self.inventory
        return boot.located(shop, [shop.one(f"host={name}")])[0]

    def clone(self, snapshot: str, name: str) -> Machine:
        """Boot a new machine that begins as a snapshot, and trust its host key."""
        self.machine(name)
        self.lab.clone(snapshot, [name])
        return self.machine(name)

    def provision(self, name: str, hears: Hears = ignore, *, check: bool = False) -> Report:
        """Do what `bin/fab provision host=NAME` does; raises the error that it would print."""
        self.machine(name)
        shop, progress = self.inventory, Listener(hears=hears)
        ready = boot.ready(shop, [shop.one(f"host={name}")], progress)
        run = provision._Run(
            inventory=shop,
            wanted=Wanted(check=check, diff=check),
            progress=progress,
            releases=provision._releases(ready, progress),
        )
        self.links[name] = RecordingLinks(self.secrets)
        object.__setattr__(run, "links", self.links[name])
        (outcome,) = map(provision._with_promises, fleet.run(ready, run.one, jobs=1))
        if outcome.error:
            raise outcome.error
        assert outcome.answer
        return outcome.answer

    def host(self, name: str, **of_host: object) -> Host:
        """Return the values of a machine, with some that no inventory can say."""
        machine = self.machine(name)
        built = self._release(machine)
        return replace(host(self.inventory, machine, built.ref), **of_host)  # type: ignore[arg-type]

    def _release(self, machine: Machine) -> release.BuiltRelease:
        return release.build(Target(processor=machine.processor, extensions=machine.extensions))

    def converge(self, name: str, change: Callable[[Role], Role], **of_host: object) -> Converged:
        """Bring a machine to a role that no inventory can say; raises what `fab` would print."""
        machine = self.machine(name)
        built, made = self._release(machine), self.host(name, **of_host)
        job = machines.role_job(
            change(roles.build(made)), check=False, diff=False, release=built.id
        )
        with self.connected(name) as connection:
            return machines.converge(
                connection,
                machine,
                job,
                machines.blobs(built),
                lambda _: None,
                confirm=lambda: self._confirm(machine),
            )

    def _confirm(self, machine: Machine) -> None:
        with connect(machine, self.secrets) as connection:
            machines.confirm(connection, machine)

    def break_off(self, name: str) -> None:
        """Break the connections of the run that is going on, as a dead line would."""
        self.links[name].break_off()

    def role(self, name: str) -> Role:
        """Return what a machine is meant to be."""
        return self.provision(name, check=True).role

    @contextmanager
    def connected(self, name: str) -> Iterator[Connection]:
        """Open a connection of the test's own to a machine."""
        with connect(self.machine(name), self.secrets) as connection:
            yield connection

    def run(self, name: str, command: str, *, may_fail: bool = False) -> str:
        """Run a shell command on a machine as root; returns what it printed."""
        with self.connected(name) as connection:
            done = connection.run(command, hide=True, in_stream=False, warn=True)
        assert may_fail or done.ok, f"{command}: {done.stdout}{done.stderr}"
        return str(done.stdout)

    def fab(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `fab` as a person does, with this shop's inventory."""
        return subprocess.run(
            [sys.executable, str(CHECKOUT / "control" / "fab.py"), *words],
            cwd=CHECKOUT,
            env={**os.environ, "POSER_INVENTORY": str(self.path)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )


@contextmanager
def open_shop() -> Iterator[Shop]:
    """Open the shop of this checkout's tests; what a killed run left is removed first."""
    folder = STATE / "shop"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another run of the tests is waited for
        shop = Shop(path=folder / "inventory.toml", names=["store-1", "store-2"])
        shop.lab.remove()
        try:
            yield shop
        finally:
            shop.lab.remove()
