# SPDX-License-Identifier: Apache-2.0
"""The process that runs one machine of the lab and starts it again when it reboots.

Usage: `python -m control.lab.supervisor LAB NAME FOLDER NAMESPACE` (where this computer has no
systemd; where it has one, systemd does this). Holds `FOLDER/supervisor.lock` while it lives.
"""

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from control.lab import cgroups
from control.lab.book import MachineFolder
from control.lab.locks import hold
from control.lab.nspawn import REBOOT, environment, nspawn


class Supervisor:
    """Runs `command` in the control group `group` until it ends other than to reboot."""

    def __init__(self, command: Sequence[str], group: Path, console: Path) -> None:
        # The shell moves itself into the group first, so that no process is ever outside of it.
        into_group = ("sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(group))
        self._command = (*into_group, *command)
        self._group = group
        self._console = console
        self._child: subprocess.Popen[bytes] | None = None
        self._is_to_end = False
        signal.signal(signal.SIGTERM, self._switch_off)

    def run(self) -> int:
        """Start the machine, again after each reboot; returns the last status."""
        while True:
            status = self._run_once()
            # What outlived its machine must not meet the next start of it.
            cgroups.kill(self._group)
            if status != REBOOT or self._is_to_end:
                return status

    def _run_once(self) -> int:
        cgroups.kill(self._group)
        self._group.mkdir(parents=True)
        with self._console.open("ab") as output:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment(hybrid=cgroups.is_hybrid()),
                start_new_session=True,
            )
        if self._is_to_end:
            self._child.terminate()
        return self._child.wait()

    def _switch_off(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Handle SIGTERM: systemd-nspawn asks the machine's systemd to power off."""
        self._is_to_end = True
        if self._child is not None:
            self._child.terminate()


def main(lab: str, name: str, folder: str, namespace: str) -> int:
    """Run the machine until it is switched off; returns the last status of systemd-nspawn."""
    machine = MachineFolder(path=Path(folder))
    command = nspawn(lab, name, machine.disk.root, Path(namespace), registered=False)
    supervisor = Supervisor(command, cgroups.folder(lab, name), machine.console)
    if not hold(machine.supervisor_lock):
        print(f"{name} is run by another process already", file=sys.stderr)  # noqa: T201 - its log
        return 1
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
