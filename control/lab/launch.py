# SPDX-License-Identifier: Apache-2.0
"""Starts, stops and cuts machines: by a supervisor of ours, or by this computer's systemd."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from control.lab import cgroups
from control.lab.book import MachineFolder
from control.lab.locks import end_holder, holder
from control.lab.network import LabNetwork
from control.lab.nspawn import REBOOT, clear, environment, nspawn
from control.lab.programs import PYTHON, run, start_alone
from poser.errors import PoserError

STOP_S = 30.0
"""How long a machine may take to switch itself off."""

_START_S = 20.0


class Launcher(Protocol):
    """Runs machines whose disk is mounted and whose network is there."""

    def pid(self, name: str) -> int:
        """Return the process that runs the machine, 0 when there is none."""

    def is_abandoned(self, name: str) -> bool:
        """Say whether the machine lives on though the process that ran it was killed."""

    def start(self, name: str) -> None:
        """Start the machine; returns before it has booted."""

    def stop(self, name: str) -> bool:
        """Ask the machine to switch itself off and wait; False when it did not in time."""

    def cut(self, name: str) -> None:
        """Take the machine's power away, and clear what any earlier start left behind."""


def launcher(folder: Path, network: LabNetwork) -> Launcher:
    """Return the way that fits this computer."""
    if Path("/run/systemd/system").is_dir():
        return BySystemd(folder=folder, network=network)
    return BySupervisor(folder=folder, network=network)


@dataclass(frozen=True, slots=True, kw_only=True)
class BySupervisor:
    """For computers without systemd: one small process for each machine."""

    folder: Path
    network: LabNetwork

    def pid(self, name: str) -> int:
        """Return the supervisor of the machine: it ends when its machine does."""
        return holder(self._machine(name).supervisor_lock)

    def is_abandoned(self, name: str) -> bool:
        """Say whether the machine lives on without its supervisor."""
        return not self.pid(name) and cgroups.is_populated(self._group(name))

    def start(self, name: str) -> None:
        """Start a supervisor; its own words go to supervisor.log."""
        machine = self._machine(name)
        space = self.network.machine_space_path(name)
        command = (*PYTHON, "-m", "control.lab.supervisor")
        arguments = (self.network.id, name, str(machine.path), str(space))
        machine.console.write_bytes(b"")
        log = machine.path / "supervisor.log"
        start_alone((*command, *arguments), log=log)
        deadline = time.monotonic() + _START_S
        while not holder(machine.supervisor_lock):
            if time.monotonic() > deadline:
                raise PoserError(
                    f"{name} did not start: {log.read_text(errors='replace').strip()}",
                    hint=f"{machine.console} has what it printed",
                )
            time.sleep(0.01)

    def stop(self, name: str) -> bool:
        """Switch the machine off through its supervisor, or without when that was killed."""
        machine, group = self._machine(name), self._group(name)
        if holder(machine.supervisor_lock):
            return end_holder(machine.supervisor_lock, signal.SIGTERM, wait_s=STOP_S)
        _ask_nspawn_to_stop(group)
        deadline = time.monotonic() + STOP_S
        while cgroups.is_populated(group) and time.monotonic() < deadline:
            time.sleep(0.02)
        return not cgroups.is_populated(group)

    def cut(self, name: str) -> None:
        """Kill the supervisor, so that nothing starts the machine again, then the machine."""
        end_holder(self._machine(name).supervisor_lock, signal.SIGKILL, wait_s=STOP_S)
        cgroups.kill(self._group(name))
        clear(self.network.id, name)

    def _machine(self, name: str) -> MachineFolder:
        return MachineFolder(path=self.folder / "machines" / name)

    def _group(self, name: str) -> Path:
        return cgroups.folder(self.network.id, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class BySystemd:
    """For computers with systemd: one transient unit for each machine.

    `machinectl`, `journalctl -u` and limits of memory then work as for any container.
    """

    folder: Path
    network: LabNetwork

    def unit(self, name: str) -> str:
        """Return the unit of a machine."""
        return f"poser-lab-{self.network.id}-{name}.service"

    def pid(self, name: str) -> int:
        """Return the main process of the unit."""
        shown = run("systemctl", "show", "--property=MainPID", "--value", self.unit(name))
        return int(shown.strip() or 0)

    def is_abandoned(self, name: str) -> bool:  # noqa: ARG002 - see Launcher
        """Never: systemd ends a unit with all its processes."""
        return False

    def start(self, name: str) -> None:
        """Start the unit; systemd starts it again when the machine reboots."""
        machine = MachineFolder(path=self.folder / "machines" / name)
        space = self.network.machine_space_path(name)
        command = nspawn(self.network.id, name, machine.disk.root, space, registered=True)
        machine.console.write_bytes(b"")
        properties = (
            "Delegate=yes",
            "KillMode=mixed",
            f"TimeoutStopSec={STOP_S:.0f}",
            f"SuccessExitStatus={REBOOT}",
            f"RestartForceExitStatus={REBOOT}",
            f"StandardOutput=append:{machine.console}",
            f"StandardError=append:{machine.console}",
            *(f"Environment={key}={value}" for key, value in environment(hybrid=False).items()),
        )
        run(
            *("systemd-run", "--quiet", "--collect", f"--unit={self.unit(name)}"),
            f"--slice=poser-lab-{self.network.id}.slice",
            *(f"--property={each}" for each in properties),
            *command,
        )

    def stop(self, name: str) -> bool:
        """Stop the unit: systemd-nspawn is asked first and killed when that takes too long."""
        if self.pid(name):
            run("systemctl", "stop", self.unit(name))
        return True

    def cut(self, name: str) -> None:
        """Kill everything in the unit, then clear it away."""
        if self.pid(name):
            run("systemctl", "kill", "--signal=KILL", "--kill-whom=all", self.unit(name))
        with contextlib.suppress(PoserError):  # the unit was collected as soon as it ended
            run("systemctl", "stop", self.unit(name))
        clear(self.network.id, name)


def _ask_nspawn_to_stop(group: Path) -> None:
    """Tell the systemd-nspawn of a machine whose supervisor is gone to switch it off."""
    for pid in cgroups.processes(group):
        with contextlib.suppress(OSError):  # it ended as we looked
            if (Path("/proc") / str(pid) / "comm").read_text().strip() == "systemd-nspawn":
                os.kill(pid, signal.SIGTERM)
