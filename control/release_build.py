# SPDX-License-Identifier: Apache-2.0
"""Makes the bundle of a release: deterministic, whole or not at all, one run at a time."""

import fcntl
import hashlib
import io
import json
import shutil
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from control import extensions, migration_heads, release, wheels
from control.extensions import Source
from control.paths import cache, shown
from control.release import BuiltRelease, Target
from poser import __version__
from poser.errors import PoserError

_EXTENDED = "poser"  # the database that extensions add tables to
KEEP = 5
KEEP_S = 3600
"""How many bundles stay in the cache, and for how long after their last use all of them do."""


def build(key: str, target: Target) -> BuiltRelease:
    """Build the release for `target` from the working tree, whose `key` is known.

    Raises PoserError when a wheel cannot be built or fetched.
    """
    with _one_at_a_time():
        found = release.built(key)
        if found:
            return found
        sources = [extensions.source(each) for each in target.extensions]
        heads = _heads(sources)
        locked = _locked(sources, target)
        with TemporaryDirectory(prefix=".unfinished-", dir=release.folder()) as temporary:
            own = [wheels.build_own(release.ROOT, Path(temporary))]
            own += [wheels.build_extension(each, Path(temporary)) for each in sources]
            extensions.refuse_unlocked([*own, *locked], sources)
            bundle = Path(temporary) / "bundle.tar"
            _write_bundle(bundle, [*own, *locked])
            built = _named(bundle, heads, tuple(each.package for each in sources))
            _write_note(key, built)
        _prune()
        return built


def _heads(sources: Sequence[Source]) -> dict[str, tuple[str, ...]]:
    """Return the newest migrations of each database, with those of extensions."""
    versions = release.ROOT / "migrations" / "versions"
    heads = migration_heads.heads(versions)
    added = extensions.heads(sources, migration_heads.revisions(versions))
    return {**heads, **({_EXTENDED: (*heads[_EXTENDED], *added)} if added else {})}


def _locked(sources: Sequence[Source], target: Target) -> list[Path]:
    """Return the wheels of others: those of Poser, and what extensions lock besides."""
    locks = [release.REQUIREMENTS, *(each.lock for each in sources if each.lock.exists())]
    found: dict[str, Path] = {}
    for lock in locks:
        for wheel in sorted(wheels.others(lock, target, cache() / "wheelhouse").glob("*.whl")):
            other = found.setdefault(wheel.name.partition("-")[0].lower(), wheel)
            if other.name != wheel.name:
                raise PoserError(
                    f"{shown(lock)} locks {wheel.name}, but the release has {other.name}",
                    hint="lock the same version in both",
                )
    return list(found.values())


def _named(
    bundle: Path, heads: Mapping[str, tuple[str, ...]], packages: tuple[str, ...]
) -> BuiltRelease:
    """Give a finished bundle its name, which says what is in it."""
    digest = hashlib.sha256(bundle.read_bytes()).hexdigest()
    name = f"{__version__}-{digest[:12]}"
    path = bundle.rename(release.folder() / f"{name}.tar")
    return BuiltRelease(id=name, sha256=digest, path=path, heads=heads, extensions=packages)


def _write_note(key: str, built: BuiltRelease) -> None:
    """Write down what was built from `key`; only then it counts as built."""
    note = {
        "key": key,
        "id": built.id,
        "sha256": built.sha256,
        "size": built.path.stat().st_size,
        "heads": built.heads,
        "extensions": built.extensions,
    }
    path = release.note_path(key)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(note))
    unfinished.rename(path)


def _write_bundle(path: Path, files: Sequence[Path]) -> None:
    """Write the tar with nothing in it that depends on when, where or by whom it is made."""
    ordered = sorted(files, key=lambda file: file.name)
    contents = {file.name: file.read_bytes() for file in ordered}
    lines = [_line(name, content) for name, content in contents.items()]
    # Names of wheels may be longer than the hundred bytes that the older format has for them.
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        _add(archive, "requirements.txt", "".join(lines).encode())
        for name, content in contents.items():
            _add(archive, f"wheels/{name}", content)


def _line(wheel: str, content: bytes) -> str:
    """Return the line of requirements.txt for a wheel, with its hash."""
    name, version = wheel.split("-")[:2]
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(content).hexdigest()}\n"


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = 0o644
    archive.addfile(entry, io.BytesIO(content))


def _prune() -> None:
    """Delete bundles that were not used lately, notes of those that are gone, and remains."""
    folder = release.folder()
    used_at = {each: each.stat().st_mtime for each in folder.glob("*.tar")}
    by_use = sorted(used_at, key=lambda bundle: used_at[bundle], reverse=True)
    for old in by_use[KEEP:]:
        if used_at[old] < time.time() - KEEP_S:
            old.unlink()
    for left in folder.glob(".unfinished-*"):  # of runs that were killed: we are alone here
        shutil.rmtree(left)
    for note in folder.glob("*.json"):
        if not (folder / f"{json.loads(note.read_bytes())['id']}.tar").exists():
            note.unlink()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let one run build at a time; another waits, and then finds it built."""
    release.folder().mkdir(parents=True, exist_ok=True)
    with (release.folder() / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
