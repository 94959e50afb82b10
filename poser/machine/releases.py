# SPDX-License-Identifier: Apache-2.0
"""Releases installed from their bundles, offline, and removed when they are old."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import zipfile

from poser.errors import PoserError
from poser.machine.digest import sha256
from poser.machine.disk import Content, explained, file_system, in_mib
from poser.machine.explain import FULL_HINT
from poser.machine.process import ENVIRONMENT, CommandFailed
from poser.machine.undocumented import compile_libraries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.resources.release import Release
    from poser.machine.system import System

BUNDLES = "/var/lib/poser-kit/bundles"
_CHUNK = 1 << 20
# What wheels and their compiled modules take, as multiple of the bundle, by experience.
_GROWTH = 5


def install(system: System, release: Release) -> None:
    """Install a release; its marker is written when all of it has reached the disk."""
    folder = system.disk.at(release.folder)
    bundle = _fetched(system, release)
    _clear_place(system, release)
    unpacked = system.disk.at(f"{BUNDLES}/{release.id}")
    try:
        _unpack(system, release, bundle, unpacked)
        _make_environment(system, folder, f"{unpacked}/wheels")
        _install_wheels(system, folder, unpacked)
        _prepare(system, release)
        system.progress("bringing it to the disk")
        system.run(("sync", "--file-system", folder))
    except OSError as error:
        raise explained(error, release.folder, _size(bundle) * _GROWTH) from error
    system.disk.write(Content(path=release.marker, data=release.marker_text.encode()))
    shutil.rmtree(unpacked, ignore_errors=True)
    os.unlink(bundle)


def _fetched(system: System, release: Release) -> str:
    """Return where the bundle lies; one that an earlier run has fetched is used again."""
    path = f"{BUNDLES}/{release.bundle_sha256}.tar"
    where = system.disk.at(path)
    if _sha256(where) == release.bundle_sha256:
        return where
    system.disk.make_parents(path)
    try:
        system.fetch(release.bundle_sha256, f"{path}.part")
    except OSError as error:
        raise explained(error, path, 0) from error
    os.rename(f"{where}.part", where)
    return where


def _sha256(path: str) -> str:
    seen = sha256()
    try:
        with open(path, "rb") as file:
            while piece := file.read(_CHUNK):
                seen.update(piece)
    except FileNotFoundError:
        return ""
    return seen.hexdigest()


def _clear_place(system: System, release: Release) -> None:
    """Remove what an interrupted installation left.

    PoserError if that is a whole release of other content which runs now; one that is current
    but not whole is no good to anybody, and is made anew.
    """
    if _current(system, release) == release.id and _is_whole(system.disk.at(release.marker)):
        raise PoserError(
            f"release {release.id} runs now and was installed from another bundle",
            hint="a release id must belong to one content: build the release again",
        )
    for path in (release.folder, f"{BUNDLES}/{release.id}"):
        if os.path.lexists(system.disk.at(path)):
            system.progress("removing what an interrupted installation left")
            shutil.rmtree(system.disk.at(path))
    system.disk.make_parents(release.marker)


def _is_whole(marker: str) -> bool:
    """Say whether a marker was written to its end; a power cut may leave it empty."""
    try:
        with open(marker, encoding="utf-8") as file:
            return bool(json.load(file))
    except (OSError, ValueError):
        return False


def _unpack(system: System, release: Release, bundle: str, folder: str) -> None:
    """Unpack the bundle once there is room for what comes of it."""
    needed = _size(bundle) * _GROWTH
    for place in (system.disk.at(release.folder), bundle):
        mount, free = file_system(place)
        if free < needed:
            raise PoserError(
                f"the file system {mount} is too full for a release: it needs about "
                f"{in_mib(needed)}, {in_mib(free)} are free",
                hint=FULL_HINT,
            )
    system.progress("unpacking")
    with tarfile.open(bundle) as archive:
        for member in archive:
            if not member.isdir():
                _unpack_one(archive, member, folder)


def _unpack_one(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: str) -> None:
    """Write one file of a bundle; what tarfile itself refuses differs among Python versions."""
    source = archive.extractfile(member)
    if source is None or member.name.startswith("/") or ".." in member.name.split("/"):
        raise PoserError(
            f"the release's bundle holds {member.name!r}, which is no file below it",
            hint="build the release again",
        )
    path = f"{folder}/{member.name}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        shutil.copyfileobj(source, file, _CHUNK)


def _make_environment(system: System, folder: str, wheels: str) -> None:
    """Make the virtual environment; without pip when the bundle brings one."""
    without = ("--without-pip",) if _pip(wheels) else ()
    system.progress("making the virtual environment")
    system.run(("/usr/bin/python3", "-I", "-m", "venv", *without, folder), ends_with_us=True)


def _install_wheels(system: System, folder: str, unpacked: str) -> None:
    """Let pip install what is required, from the bundle only, every file checked by its hash.

    Modules are compiled afterwards, on all processors: by itself pip takes twice the time.
    """
    system.progress("installing wheels")
    options = (
        "--isolated", "--no-input", "--disable-pip-version-check", "--no-cache-dir", "--no-index",
        "--require-hashes", "--progress-bar=off", "--no-warn-script-location", "--quiet",
        "--root-user-action=ignore", "--no-compile", f"--find-links={unpacked}/wheels",
    )  # fmt: skip
    python = f"{folder}/bin/python"
    command = (python, *_pip_module(unpacked), "install", *options)
    try:
        system.run(
            (*command, f"--requirement={unpacked}/requirements.txt"),
            environment={**ENVIRONMENT, "TMPDIR": unpacked},
            ends_with_us=True,
        )
    except CommandFailed as error:
        raise CommandFailed(
            error.result,
            message="pip cannot install the release from its bundle",
            hint="was the bundle built for this machine's Python and processor?",
        ) from error
    system.progress("compiling modules")
    # Some wheels bring modules that are templates or for other versions: they do not compile.
    command = (python, "-m", "compileall", "-q", "-j", "0", f"{folder}/lib")
    system.run(command, may_fail=True, ends_with_us=True)
    compile_libraries(folder, lambda words: system.run(tuple(words), ends_with_us=True))


def _prepare(system: System, release: Release) -> None:
    """Let the release make what it would otherwise make at each of its starts."""
    if release.prepare:
        system.progress("preparing its first start")
        python = f"{system.disk.at(release.folder)}/bin/python"
        system.run((python, "-I", *release.prepare), ends_with_us=True)


def _pip_module(unpacked: str) -> tuple[str, ...]:
    """Return how Python starts pip; one that the bundle brings is unpacked, being faster so."""
    wheel = _pip(f"{unpacked}/wheels")
    if not wheel:
        return ("-m", "pip")
    with zipfile.ZipFile(f"{unpacked}/wheels/{wheel}") as archive:
        archive.extractall(f"{unpacked}/pip")  # noqa: S202 - its hash was checked, too
    return (f"{unpacked}/pip/pip",)


def _pip(wheels: str) -> str:
    """Return the name of the wheel of pip that the bundle brings, or ""."""
    names = sorted(os.listdir(wheels))
    return next((n for n in names if n.startswith("pip-") and n.endswith(".whl")), "")


def prune(system: System, release: Release) -> None:
    """Remove old and half releases, but never this one, the running one, or the newest others."""
    folder = system.disk.at(f"{release.root}/releases")
    others = set(os.listdir(folder)) - {release.id, _current(system, release)}
    whole = {
        name: os.stat(f"{folder}/{name}/.complete").st_mtime
        for name in others
        if os.path.exists(f"{folder}/{name}/.complete")
    }
    kept = sorted(whole, key=lambda name: whole[name], reverse=True)[: release.keep]
    for name in sorted(others - set(kept)):
        system.progress(f"removing the old release {name}")
        system.remove(f"{release.root}/releases/{name}/.complete")
        shutil.rmtree(f"{folder}/{name}", ignore_errors=True)


def _current(system: System, release: Release) -> str:
    """Return the id of the release that runs, or ""."""
    try:
        return os.path.basename(os.readlink(system.disk.at(f"{release.root}/current")))
    except OSError:
        return ""


def _size(path: str) -> int:
    return os.stat(path).st_size
