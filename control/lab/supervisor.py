# SPDX-License-Identifier: Apache-2.0
"""The process that runs one machine of the lab and starts it again when it reboots.

Usage: `python -m control.lab.supervisor LAB NAME FOLDER NAMESPACE` (where this computer has no
systemd; where it has one, systemd does this). Holds `FOLDER/supervisor.lock` while it lives.
"""

import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from control.lab import cgroups
from control.lab.book import MachineFolder
from control.lab.locks import hold
from control.lab.nspawn import REBOOT, environment, nspawn


def main(lab: str, name: str, folder: str, namespace: str) -> int:
    """Run the machine until it is switched off; returns the last status of systemd-nspawn."""
    machine = MachineFolder(path=Path(folder))
    if not hold(machine.supervisor_lock):
        print(f"{name} is run by another process already", file=sys.stderr)  # noqa: T201 - its log
        return 1
    group = cgroups.folder(lab, name)
    command = nspawn(lab, name, machine.disk.root, Path(namespace), registered=False)
    while True:
        status = _run_once(command, group, machine.console)
        if group.exists():
            # What outlived its machine must not meet the next start of it.
            cgroups.kill(group)
        if status != REBOOT:
            return status


def _run_once(command: list[str], group: Path, console: Path) -> int:
    """Start the machine in a fresh control group and wait for its end."""
    group.mkdir(parents=True)
    # The shell moves itself into the group first, so that no process is ever outside of it.
    into_group = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(group), *command]
    with console.open("ab") as output:
        child = subprocess.Popen(
            into_group,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(hybrid=cgroups.is_hybrid()),
            start_new_session=True,
        )

    def switch_off(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a handler
        # systemd-nspawn answers by asking the machine's systemd to power off.
        child.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, switch_off)
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
