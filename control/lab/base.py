# SPDX-License-Identifier: Apache-2.0
"""The root file system all machines of the lab stand on: a minimal Debian, built once.

It is what an installer leaves on a disk: systemd, sshd, Python, and nothing of ours. Its folder
is named after everything that goes into it and is never changed, only built and deleted.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from control.lab.layers import delete_tree
from control.lab.locks import only_one
from control.lab.programs import need, run
from control.lab.values import Mirror, Say
from poser.errors import PoserError, Unavailable

PACKAGES = (
    "ca-certificates",
    "dbus",
    "iproute2",
    "iputils-ping",
    "libnss-systemd",
    "netbase",
    "openssh-server",
    "procps",
    "python3",
    "systemd-sysv",
)
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_KEPT_SETTINGS = ("Acquire::Check-Valid-Until", "Acquire::Check-Date")
_TIMEOUT_S = 1800

_FILES = {
    # Nothing of a lab machine must survive a crash of this computer; installing is twice as fast.
    "etc/dpkg/dpkg.cfg.d/poser-lab": "force-unsafe-io\n",
    # No machine of the lab reaches a name server: lookups must fail at once.
    "etc/resolv.conf": "",
    # systemd takes an empty one as "not the first boot": every machine is given its own.
    "etc/machine-id": "",
}
_MASKED = ("console-getty.service", "getty@tty1.service")
_REMOVED = ("etc/hostname", "etc/ssh/ssh_host_*_key*", "var/log/apt/*", "var/log/dpkg.log")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what the root file system holds.

    `week` is the ISO week, so that machines built next week start with its security updates.
    `apt_settings` are those of this computer that its mirror needs, such as for one that keeps
    an older state of Debian.
    """

    mirror: Mirror
    architecture: str
    week: str
    apt_settings: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = PACKAGES
    files: Mapping[str, str] = field(default_factory=lambda: _FILES)
    masked: tuple[str, ...] = _MASKED
    removed: tuple[str, ...] = _REMOVED

    @property
    def id(self) -> str:
        """The name of the folder: a fingerprint of all values."""
        text = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def sources(self) -> str:
        """Return the lines of apt's sources.list: the release, its updates, security."""
        mirror = self.mirror.over_http()
        suite, components = mirror.suite, " ".join(mirror.components)
        of_suites = (
            (mirror.uris, suite),
            (mirror.uris, f"{suite}-updates"),
            (mirror.security_uris, f"{suite}-security"),
        )
        return "".join(
            f"deb {uri} {name} {components}\n" for uris, name in of_suites for uri in uris
        )


def recipe_here(mirror: Mirror) -> Recipe:
    """Return the recipe for this computer's processor, today."""
    processor = platform.machine()
    if processor not in _ARCHITECTURES:
        raise PoserError(
            f"the lab cannot build machines for the processor {processor}",
            hint=f"it knows {', '.join(_ARCHITECTURES)}",
        )
    return Recipe(
        mirror=mirror,
        architecture=_ARCHITECTURES[processor],
        week=datetime.now(UTC).strftime("%G-%V"),
        apt_settings=_apt_settings(),
    )


def _apt_settings() -> dict[str, str]:
    lines = run("apt-config", "dump", *_KEPT_SETTINGS).splitlines()
    pairs = (line.rstrip(";").split(" ", 1) for line in lines if " " in line)
    return {name: value.strip('"') for name, value in pairs if value not in {'""', ""}}


def ensure(recipe: Recipe, folder: Path, proxy: str, say: Say, *, in_use: set[Path]) -> Path:
    """Return the root tree that `recipe` gives, built below `folder` if it is not there yet.

    `proxy` is the address of the package cache. Older trees that are not `in_use` are deleted
    when a new one was built. An interrupted build leaves nothing that a later one trusts.
    """
    root = folder / recipe.id / "root"
    if root.is_dir():
        return root
    need(["mmdebstrap"])
    with only_one(
        folder / "lock", "building the base of the lab's machines", wait_s=_TIMEOUT_S
    ) as held:
        if root.is_dir():
            return root
        for left in folder.glob(".*.tmp"):
            delete_tree(left)
        say("", "building the base of the lab's machines, once a week: half a minute or more")
        began = time.monotonic()
        building = folder / f".{recipe.id}.tmp"
        building.mkdir(mode=0o700)
        _build(recipe, building, proxy, held)
        building.rename(folder / recipe.id)
        say("", f"built the base in {time.monotonic() - began:.0f} s")
        _prune(folder, keep={root} | in_use)
    return root


def _prune(folder: Path, keep: set[Path]) -> None:
    for old in folder.glob("[0-9a-f]" * 16):
        if old / "root" not in keep:
            # Renamed first: a tree that is half deleted must not be taken for a whole one.
            gone = old.rename(folder / f".{old.name}.tmp")
            delete_tree(gone)


def _build(recipe: Recipe, building: Path, proxy: str, held: int) -> None:
    root, log = building / "root", building / "build.log"
    command = (
        # In a mount namespace of its own: mmdebstrap makes the mounts of where it runs private,
        # which on a computer with systemd would be all of them, for good.
        *("setpriv", "--pdeathsig", "TERM", "unshare", "--mount"),
        *("mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory"),
        *(f"--architectures={recipe.architecture}", f"--include={','.join(recipe.packages)}"),
        *("--skip=cleanup/apt/lists", "--skip=cleanup/reproducible"),
        *('--aptopt=APT::Install-Recommends "false"', '--aptopt=Acquire::Languages "none"'),
        *(f'--aptopt={name} "{value}"' for name, value in recipe.apt_settings.items()),
        *("--dpkgopt=force-unsafe-io", f"--keyring={recipe.mirror.signed_by}"),
        *(recipe.mirror.suite, str(root), "-"),
    )
    # The lock goes along: should this process be killed, the next one waits for its children.
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "http_proxy": proxy}
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            input=recipe.sources().encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=(held,),
            check=False,
            timeout=_TIMEOUT_S,
        )
    if done.returncode != 0:
        raise _failed(recipe, log.read_text(errors="replace"))
    _finish(recipe, root)


def _finish(recipe: Recipe, root: Path) -> None:
    for pattern in recipe.removed:
        for path in root.glob(pattern):
            path.unlink()
    for name, content in recipe.files.items():
        path = root / name
        path.unlink(missing_ok=True)
        path.write_text(content)
    for unit in recipe.masked:
        link = root / "etc/systemd/system" / unit
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/null")
    shutil.rmtree(root / "var/cache/apt/archives/partial", ignore_errors=True)


def _failed(recipe: Recipe, log: str) -> PoserError:
    """Return the error of a build: the mirror is named when it did not answer."""
    words = [line for line in log.splitlines() if line.startswith(("E:", "Err:", "W:"))][-8:]
    said = "\n  ".join(words or log.splitlines()[-8:])
    mirrors = ", ".join((*recipe.mirror.uris, *recipe.mirror.security_uris))
    unreachable = ("Failed to fetch", "Could not connect", "Unable to connect", "502", "503")
    if any(sign in log for sign in unreachable):
        return Unavailable(
            f"the Debian mirror ({mirrors}) gave not all of a base system:\n  {said}",
            hint="look at this computer's network and apt sources, or name another mirror in the "
            "inventory, then run again",
        )
    return PoserError(
        f"the base of the lab's machines could not be built from {mirrors}:\n  {said}",
        hint="run again; if it fails the same way, the mirror or this computer's apt is broken",
    )
