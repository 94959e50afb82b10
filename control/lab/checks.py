# SPDX-License-Identifier: Apache-2.0
"""Finds out, before anything is changed, whether this computer can run a lab."""

import os
import shutil
import subprocess
from pathlib import Path

from control.lab import cgroups
from control.lab.programs import need
from control.lab.values import LabSpec
from poser.errors import PoserError

PROGRAMS = ("ip", "mount", "setpriv", "setsid", "ssh-keygen", "systemd-nspawn", "unshare")
_GIB = 1 << 30
NEEDED_BYTES = 3 * _GIB


def ready(spec: LabSpec) -> None:
    """Raise PoserError for the first thing that this computer lacks."""
    if os.geteuid() != 0:
        raise PoserError(
            "machines of the lab can only be run by root",
            hint="run bin/fab as root, or as a person who may use sudo",
        )
    need(PROGRAMS)
    cgroups.root()
    _overlay()
    for folder, what in ((spec.state, "the lab's machines"), (spec.cache, "the lab's cache")):
        enough_space(folder, what, NEEDED_BYTES)


def _overlay() -> None:
    known = Path("/proc/filesystems")
    if "\toverlay\n" in known.read_text():
        return
    if shutil.which("modprobe"):
        subprocess.run(["modprobe", "overlay"], capture_output=True, check=False)
    if "\toverlay\n" not in known.read_text():
        raise PoserError(
            "the kernel of this computer has no overlay file system, which the lab needs",
            hint="every Debian kernel has it; in a container, load it outside: modprobe overlay",
        )


def enough_space(folder: Path, what: str, needed: int) -> None:
    """Raise PoserError when the disk that `folder` is on, or will be, has too little room."""
    place = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise PoserError(
            f"{folder}, where {what} are kept, has {free / _GIB:.1f} GiB left, "
            f"{needed / _GIB:.0f} are needed",
            hint="delete what you can spare, or `fab lab reset` machines you no longer need",
        )
