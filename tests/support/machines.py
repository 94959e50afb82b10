# SPDX-License-Identifier: Apache-2.0
"""What tests with machines share: a lab of their own, and SSH with pinned keys."""

import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from control.lab import Lab, LabMachine
from control.lab.values import STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The SSH key that the machines of this test run let in, and where their own are pinned."""

    private: Path
    known_hosts: Path

    @property
    def public(self) -> str:
        """The public line."""
        return self.private.with_suffix(".pub").read_text().strip()

    def pin(self, machine: LabMachine) -> None:
        """Trust the host key that the lab gave to a machine, and no other."""
        lines = self.known_hosts.read_text().splitlines() if self.known_hosts.exists() else []
        others = [line for line in lines if line.split()[0] != machine.address]
        lines = [*others, f"{machine.address} {machine.host_key}"]
        self.known_hosts.write_text("".join(f"{line}\n" for line in lines))

    def ssh(self, machine: LabMachine, *command: str) -> list[str]:
        """Return the command line that runs `command` on a machine."""
        options = ("BatchMode=yes", "ConnectTimeout=3", "StrictHostKeyChecking=yes")
        return [
            *("ssh", "-F", "none", "-i", str(self.private)),
            *(word for option in options for word in ("-o", option)),
            *("-o", f"UserKnownHostsFile={self.known_hosts}"),
            f"root@{machine.address}",
            shlex.join(command),
        ]

    def run(self, machine: LabMachine, *command: str) -> str:
        """Run a command on a machine over SSH and return what it prints."""
        self.pin(machine)
        done = subprocess.run(
            self.ssh(machine, *command), capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"{shlex.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout


def make_keys(folder: Path) -> Keys:
    """Make a key pair in `folder`."""
    private = folder / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", private], check=True)
    return Keys(private=private, known_hosts=folder / "known_hosts")


def make_lab(keys: Keys, suffix: str = "") -> Lab:
    """Return a lab named after this process, and remove those of runs that were killed."""
    for path in STATE.glob("t*.lock"):
        found = re.fullmatch(r"t([0-9a-f]+)x?", path.stem)
        if found and not Path(f"/proc/{int(found[1], 16)}").exists():
            Lab(path.stem).remove()
    return Lab(f"t{os.getpid():x}{suffix}", authorized_keys=[keys.public])
