# SPDX-License-Identifier: Apache-2.0
"""How systemd-nspawn is asked to boot a machine of the lab."""

import os
from pathlib import Path

from control.lab.layers import delete_tree, is_mounted
from control.lab.programs import run

REBOOT = 133
"""The status with which systemd-nspawn ends when the machine wants to be started again."""


_RUN = Path("/run/systemd/nspawn")


def known_as(lab: str, name: str) -> str:
    """Return what this computer's systemd calls a machine: names of labs do not meet."""
    return f"{name}-{lab}"


def clear(lab: str, name: str) -> None:
    """Take away what a systemd-nspawn that was killed left; a new one refuses to meet it.

    Only for a machine that does not run. systemd 257 leaves a mount, 252 only folders.
    """
    for kind in ("unix-export", "propagate"):
        folder = _RUN / kind / known_as(lab, name)
        if is_mounted(folder):
            run("umount", "--lazy", str(folder))
        delete_tree(folder)


def nspawn(lab: str, name: str, root: Path, namespace: Path, *, registered: bool) -> list[str]:
    """Return the command that boots the disk mounted on `root` in a network namespace.

    `registered` makes the machine known to this computer's systemd (`machinectl`).
    """
    return [
        "systemd-nspawn",
        "--quiet",
        "--boot",
        "--keep-unit",
        f"--register={'yes' if registered else 'no'}",
        f"--machine={known_as(lab, name)}",
        f"--hostname={name}",
        f"--directory={root}",
        f"--network-namespace-path={namespace}",
        # Without it the machine could not load its own firewall.
        "--capability=CAP_NET_ADMIN",
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        "--console=pipe",
    ]


def environment(*, hybrid: bool) -> dict[str, str]:
    """Return the environment that systemd-nspawn runs with."""
    values = {
        "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        # /proc/sys/net is the machine's own, but read-only unless this is said.
        "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network",
    }
    if hybrid:
        values["SYSTEMD_NSPAWN_UNIFIED_HIERARCHY"] = "1"
    return values
