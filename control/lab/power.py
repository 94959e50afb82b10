# SPDX-License-Identifier: Apache-2.0
"""Switches machines on and off, and mends what an interrupted run left of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from control.lab.book import LabBook, LabFolder
from control.lab.boot import wait_for_ssh
from control.lab.identity import connect, ensure_host_key, give_identity
from control.lab.launch import Launcher, launcher
from control.lab.network import LabNetwork
from control.lab.packages import proxy_address
from control.lab.values import LabSpec, Say
from poser.errors import PoserError

_CONSOLE_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """The power switches of the machines of one lab, whose book is `book`."""

    spec: LabSpec
    say: Say
    book: LabBook

    @property
    def network(self) -> LabNetwork:
        """The lab's network."""
        return LabNetwork(id=self.spec.id, network=self.book.network)

    @property
    def _runs(self) -> Launcher:
        return launcher(self.spec.folder, self.network)

    @property
    def _folder(self) -> LabFolder:
        return LabFolder(path=self.spec.folder)

    def is_on(self, name: str) -> bool:
        """Say whether a machine runs."""
        return bool(self._runs.pid(name))

    def on(self, name: str) -> None:
        """Boot a machine that was built, from whatever state an earlier run left it in."""
        runs, machine = self._runs, self._folder.machine(name)
        number, is_cut = self.book.numbers[name], machine.cut_mark.exists()
        if runs.pid(name):
            self.network.attach(name, number, is_cut=is_cut)
            return
        if runs.is_abandoned(name):
            self.say(name, "its supervisor was killed: switching it off and on again")
            runs.stop(name)
        runs.cut(name)
        self._prepare(name)
        self.network.attach(name, number, is_cut=is_cut)
        self.say(name, "booting")
        runs.start(name)

    def _prepare(self, name: str) -> None:
        """Mount the machine's disk and let this computer in."""
        machine = self._folder.machine(name)
        book = machine.load()
        if book is None:
            raise PoserError(f"{name} was reset meanwhile", hint="run again")
        for layer in book.layers:
            if not layer.is_dir():
                raise PoserError(
                    f"{name} stands on {layer}, which is gone",
                    hint=f"`fab lab reset host={name}` builds the machine anew",
                )
        machine.disk.mount(book.layers)
        ensure_host_key(machine)
        if not book.is_named:
            give_identity(machine, book)
            machine.save(replace(book, is_named=True))
        connect(machine.disk.root, self.spec.authorized_keys, proxy_address(self.network))

    def off(self, name: str) -> None:
        """Let a machine switch itself off; its power is taken away when that takes too long."""
        runs = self._runs
        if (runs.pid(name) or runs.is_abandoned(name)) and not runs.stop(name):
            self.say(name, "did not switch itself off in time: its power was taken away")
        runs.cut(name)

    def cut(self, name: str) -> None:
        """Take a machine's power away."""
        self._runs.cut(name)

    def wait(self, names: Sequence[str], wait_s: float) -> None:
        """Wait until machines answer, but for those whose line is cut; raises PoserError."""
        silent = wait_for_ssh(
            {
                name: str(self.network.network[self.book.numbers[name]])
                for name in names
                if not self._folder.machine(name).cut_mark.exists()
            },
            wait_s,
            answered=lambda name: self.say(name, "answers"),
            is_running=self.is_on,
        )
        if silent:
            raise PoserError(
                "; ".join(f"{name} did not boot: {reason}" for name, reason in silent.items())
                + self._console(next(iter(silent))),
                hint="run again; `fab lab reset host=NAME` builds a machine anew",
            )

    def _console(self, name: str) -> str:
        """Return the last lines that a machine printed, to be shown in an error."""
        console = self._folder.machine(name).console
        lines = console.read_text(errors="replace").splitlines() if console.exists() else []
        printed = [line.rstrip() for line in lines if line.strip()][-_CONSOLE_LINES:]
        return "".join(f"\n  {name}: {line}" for line in printed)
