# SPDX-License-Identifier: Apache-2.0
"""Gives a machine its name and keys, as an installer would, before it boots."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from control.lab.book import MachineBook, MachineFolder
from control.lab.programs import run
from poser.errors import PoserError

_TIMERS = ("apt-daily", "apt-daily-upgrade", "dpkg-db-backup", "logrotate", "man-db")


def ensure_host_key(machine: MachineFolder) -> None:
    """Make the SSH host key of a machine once; it stays the same when the machine is reset.

    Made on this side, so that the machine is known before anyone connects for the first time.
    """
    if machine.host_key_line():
        return
    machine.host_key.unlink(missing_ok=True)
    comment = f"root@{machine.path.name}"
    key = str(machine.host_key)
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", key)


def give_identity(machine: MachineFolder, book: MachineBook) -> None:
    """Write the name, the machine id and the host key on a disk that is mounted."""
    name, root = machine.path.name, machine.disk.root
    _inside(root, "etc/hostname").write_text(f"{name}\n")
    _inside(root, "etc/hosts").write_text(
        f"127.0.0.1\tlocalhost\n127.0.1.1\t{name}\n::1\tlocalhost ip6-localhost ip6-loopback\n"
    )
    _inside(root, "etc/machine-id").write_text(f"{book.machine_id}\n")
    for key in _inside(root, "etc/ssh").glob("ssh_host_*_key*"):
        key.unlink()
    for suffix, mode in (("", 0o600), (".pub", 0o644)):
        source = machine.host_key.with_name(machine.host_key.name + suffix)
        target = _inside(root, f"etc/ssh/{source.name}")
        shutil.copyfile(source, target)
        target.chmod(mode)
    # Timers that were "missed" since the base was built would hold apt's lock on the first boot.
    stamps = _inside(root, "var/lib/systemd/timers")
    stamps.mkdir(parents=True, exist_ok=True)
    for timer in _TIMERS:
        (stamps / f"stamp-{timer}.timer").touch()


def connect(root: Path, authorized_keys: Sequence[str], proxy: str) -> None:
    """Let this computer in as root, and let apt find the lab's cache; before every boot.

    Keys that are there already stay, so that a machine whose role added some keeps them.
    """
    _inside(root, "root/.ssh").mkdir(mode=0o700, exist_ok=True)
    keys = _inside(root, "root/.ssh/authorized_keys")
    there = keys.read_text().splitlines() if keys.exists() else []
    missing = [key.strip() for key in authorized_keys if key.strip() not in there]
    if missing:
        keys.write_text("".join(f"{line}\n" for line in (*there, *missing)))
        keys.chmod(0o600)
    line = f'Acquire::http::Proxy "{proxy}";\n'
    settings = _inside(root, "etc/apt/apt.conf.d/00-poser-lab")
    if not settings.exists() or settings.read_text() != line:
        settings.write_text(line)


def _inside(root: Path, name: str) -> Path:
    """Return a path on the machine's disk; raises PoserError when a link leads out of it.

    A link that means /etc on the machine would mean /etc of this computer here.
    """
    path = root / name
    if path.resolve().is_relative_to(root.resolve()):
        return path
    raise PoserError(
        f"on the disk of {root.parent.parent.name}, {name} is a link that leads out of the disk",
        hint=f"`fab lab reset host={root.parent.parent.name}` builds the machine anew",
    )
