# SPDX-License-Identifier: Apache-2.0
"""The machines of the bench: a lab of their own, beside the one of the checkout."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import roles
from bench.converge import cgroup
from bench.converge.state import State
from bench.converge.steps import Step, steps
from control import boot, hosts, release
from control.inventory import Inventory, Machine, load
from control.lab import Lab
from control.lab.book import LabFolder
from control.lab.network import LabNetwork
from control.paths import STATE
from control.release import BuiltRelease, Target
from control.secrets import Secrets
from control.shell import ssh_command
from poser.errors import PoserError
from poser.machine.lookups import kernel

FOLDER = STATE / "bench"
NAMES = tuple(f"bench-{number}" for number in range(1, 6))
_PORT = re.compile(r" port \d+ ?")
STATE_PROGRAM = Path(__file__).with_name("state_program.py")
_INVENTORY = """\
# Made by bench/provision: machines of a lab of its own, provisioned, measured, thrown away.
domain = "bench.example"

[lab]
""" + "".join(f'\n[machines.{name}]\nrole = "store"\n' for name in NAMES)


@dataclass(slots=True, kw_only=True)
class Site:
    """The inventory, the lab and the release that all tools are measured with."""

    inventory: Inventory
    lab: Lab
    built: BuiltRelease
    masters: Path
    machines: dict[str, Machine] = field(default_factory=dict)

    @classmethod
    def open(cls) -> "Site":
        """Write the inventory, build the release, and reserve nothing yet."""
        FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = FOLDER / "inventory.toml"
        path.write_text(_INVENTORY)
        inventory = load(path)
        built = release.build(Target())
        # paths of sockets must be short
        masters = Path(tempfile.mkdtemp(prefix="poser-bench-"))
        return cls(inventory=inventory, lab=boot.lab_of(inventory), built=built, masters=masters)

    def close(self) -> None:
        """End the connections that the bench itself looks through."""
        for name in self.machines:
            self._hang_up(name)
        shutil.rmtree(self.masters)

    @property
    def environment(self) -> dict[str, str]:
        """What tells `bin/fab` of these machines."""
        return {"POSER_INVENTORY": str(self.inventory.path)}

    def up(self, names: Sequence[str]) -> None:
        """Boot machines, from the base when they are new, and learn where they are."""
        known = self.lab.up(names)
        chosen = [machine for machine in self.inventory.machines if machine.name in names]
        located = boot._with_addresses(self.inventory, chosen, known)  # noqa: SLF001
        self.machines |= {machine.name: machine for machine in located}

    def begin_anew(self, names: Sequence[str]) -> None:
        """Delete what machines have on their disks and boot them from the base."""
        for name in names:
            self._hang_up(name)
        self.lab.reset(names)
        self.up(names)

    def steps_of(self, name: str) -> list[Step]:
        """Return what the role asks of a machine, as plain steps."""
        made = hosts.host(self.inventory, self.machines[name], self.built.ref)
        seen = kernel.look({"memory": ("",)}, "")()["memory", ""] or {}
        return steps(roles.build(made).resources, memory_mib=int(seen["mib"]))

    def ssh(self, name: str, *command: str) -> list[str]:
        """Return the command line of ssh for a command on a machine, over its own connection."""
        return ssh_command(self.machines[name], Secrets(self.inventory.secrets), command)

    def run(self, name: str, command: str, *, stdin: str = "") -> str:
        """Look at a machine by a shell command and return what it prints.

        All looks share one connection, which the machine's log tells apart from the tools' own.
        """
        kept = ("ControlMaster=auto", f"ControlPath={self.masters / name}", "ControlPersist=3600")
        ssh, *rest = self.ssh(name, command)
        options = [word for option in kept for word in ("-o", option)]
        done = subprocess.run(
            [ssh, *options, *rest], input=stdin, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise PoserError(f"{name}: {command[:200]} failed: {done.stderr[-1000:]}")
        return done.stdout

    def state(self, name: str) -> State:
        """Look at everything on a machine that a tool is there to bring about."""
        said = self.run(name, "python3 -I -", stdin=STATE_PROGRAM.read_text())
        found: State = json.loads(said)
        return found

    def cpu_s(self, name: str) -> float:
        """Return the CPU seconds that all processes of a machine have used."""
        return cgroup.cpu_s(cgroup.of_machine(self.inventory.id, name))

    def wire_bytes(self, name: str) -> int:
        """Return the bytes that went over a machine's line so far, both ways."""
        folder = LabFolder(path=self.lab.spec.folder)
        book = folder.load()
        if book is None:
            raise PoserError("the lab of the bench has no network")
        space = LabNetwork(id=self.inventory.id, network=book.network).bridge_space
        port = f"m{book.numbers[name]}"
        command = ["ip", "-n", space, "-s", "-j", "link", "show", "dev", port]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        counted = json.loads(said)[0]["stats64"]
        return int(counted["rx"]["bytes"]) + int(counted["tx"]["bytes"])

    def log_cursor(self, name: str) -> str:
        """Return the place where the log of a machine ends now."""
        said = self.run(name, "journalctl --sync; journalctl -q -n 0 --show-cursor")
        return said.rpartition("-- cursor: ")[2].strip()

    def logs_sessions(self, name: str) -> bool:
        """Tell whether sshd notes sessions; that of the base does not."""
        return "loglevel VERBOSE" in self.run(name, "sshd -T")

    def sign_ins(self, name: str, cursor: str) -> tuple[int, int]:
        """Count the SSH connections that a machine took since `cursor`, and their sessions.

        Our own looks go over a connection that is older.
        """
        log = "journalctl --sync; journalctl -q -o cat --after-cursor="
        lines = self.run(name, f"{log}'{cursor}' -t sshd -t sshd-session").splitlines()
        accepted = [line for line in lines if line.startswith("Accepted publickey")]
        ports = {port[0] for line in accepted if (port := _PORT.search(line))}
        started = [line for line in lines if line.startswith("Starting session: ")]
        sessions = [line for line in started if (port := _PORT.search(line)) and port[0] in ports]
        return len(accepted), len(sessions)

    def _hang_up(self, name: str) -> None:
        if (self.masters / name).exists():
            options = ["-o", f"ControlPath={self.masters / name}", "-O", "exit"]
            ssh, *rest = self.ssh(name)
            subprocess.run([ssh, *options, *rest], capture_output=True, check=False)
