# SPDX-License-Identifier: Apache-2.0
"""Disks of machines: a thin writable layer over shared read-only ones (overlayfs)."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from control.lab.programs import run
from poser.errors import PoserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The disk of one machine in `folder`: `upper` holds what it wrote, `root` is the whole."""

    folder: Path

    @property
    def upper(self) -> Path:
        """What the machine changed."""
        return self.folder / "upper"

    @property
    def root(self) -> Path:
        """Where the whole file system is mounted while the machine runs."""
        return self.folder / "root"

    @property
    def work(self) -> Path:
        """Overlayfs keeps unfinished copies here."""
        return self.folder / "work"

    def mount(self, layers: Sequence[Path]) -> None:
        """Mount the disk over read-only `layers`, the topmost first; nothing when it is mounted.

        "volatile" leaves out waiting for the computer's disk: a machine of the lab survives a
        cut of its own power, as the page cache is this computer's, and is several times faster.
        """
        if is_mounted(self.root):
            return
        # Others on this computer must not reach the machine's files, set-user-id ones included.
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # After a crash of this computer the kernel refuses a used work folder of a volatile
        # mount; it never holds anything of worth.
        shutil.rmtree(self.work, ignore_errors=True)
        for folder in (self.upper, self.work, self.root):
            folder.mkdir(mode=0o755, exist_ok=True)
        lower = ":".join(_escaped(layer) for layer in layers)
        options = f"lowerdir={lower},upperdir={_escaped(self.upper)},workdir={_escaped(self.work)}"
        try:
            run("mount", "-t", "overlay", "poser-lab", "-o", f"volatile,{options}", str(self.root))
        except PoserError as error:
            raise PoserError(
                f"the disk of the machine could not be mounted on {self.root}: {error.message}",
                hint=f"{self.folder} must be on a file system of its own kind such as ext4 or xfs, "
                "not on another overlay; `df` tells",
            ) from None

    def unmount(self) -> None:
        """Take the disk away; nothing when it is not mounted."""
        for _ in range(8):  # a mount can lie on a mount after an interrupted start
            if not is_mounted(self.root):
                return
            run("umount", str(self.root))

    def delete(self) -> None:
        """Delete all that the machine ever wrote."""
        self.unmount()
        delete_tree(self.folder)


def _escaped(path: Path) -> str:
    """Return `path` as a mount option can hold it."""
    return str(path).replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,")


def mounts() -> list[Path]:
    """Return all mount points of this computer, in the order they were mounted."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [Path(_unescaped(line.split(" ")[4])) for line in lines]


def _unescaped(field: str) -> str:
    for octal, character in (("040", " "), ("011", "\t"), ("012", "\n"), ("134", "\\")):
        field = field.replace(f"\\{octal}", character)
    return field


def is_mounted(path: Path) -> bool:
    """Say whether something is mounted on `path`, where it can be reached.

    The table of mounts does not tell: it lists those, too, that lie hidden under others.
    """
    return os.path.ismount(path)


def unmount_below(folder: Path) -> None:
    """Unmount whatever an interrupted program left mounted below `folder`, the newest first."""
    for mount in reversed(mounts()):
        if mount != folder and mount.is_relative_to(folder):
            run("umount", "--lazy", str(mount))


def delete_tree(folder: Path) -> None:
    """Delete `folder` with all below it, never following a mount into another file system."""
    if not os.path.lexists(folder):
        return
    unmount_below(folder)
    command = ("rm", "-rf", "--one-file-system", "--", str(folder))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PoserError(
            f"{folder} could not be deleted: {done.stderr.strip()}",
            hint="something still uses it: `fuser -vm` names it",
        )
