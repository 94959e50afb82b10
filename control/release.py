# SPDX-License-Identifier: Apache-2.0
"""Builds what nodes install: one file with our wheel, the locked others, and their hashes.

The bundle is a tar of `requirements.txt` (exact hashes of what is in it) and `wheels/`. The same
tree and locks make the same bytes; its name says so: VERSION-HASH.
"""

import fcntl
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from control import migration_heads, source_tree, wheels
from control.paths import CHECKOUT, STATE, cache
from control.wheels import Target
from poser import __version__
from poser.errors import PoserError
from roles.values import ReleaseRef

REQUIREMENTS = CHECKOUT / "requirements" / "node.txt"
VERSIONS = CHECKOUT / "migrations" / "versions"
KEEP = 5
"""How many bundles stay in the cache; older ones are built again when they are needed."""
_FORMAT = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltRelease:
    """A release that can be sent: its name, its bundle, the newest migrations it brings."""

    id: str
    sha256: str
    path: Path
    heads: Mapping[str, tuple[str, ...]]

    @property
    def ref(self) -> ReleaseRef:
        """What a role needs to know of it."""
        return ReleaseRef(id=self.id, sha256=self.sha256, heads=self.heads)


def build(target: Target) -> BuiltRelease:
    """Return the release of the working tree for `target`, built only when something changed.

    Raises PoserError when a wheel cannot be built or fetched.
    """
    key = _key(target)
    return _built(key) or _build(key, target)


def is_built(target: Target) -> bool:
    """Tell whether `build` has nothing to do."""
    return _built(_key(target)) is not None


def verified(release: BuiltRelease) -> Path:
    """Return the bundle after reading it whole; raises PoserError when it is damaged."""
    with release.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != release.sha256:
        release.path.unlink()
        raise PoserError(
            f"the bundle of release {release.id} was damaged in the cache and has been deleted",
            hint="run again: it is built anew",
        )
    return release.path


def _key(target: Target) -> str:
    tree = source_tree.fingerprint(CHECKOUT, STATE / "source-index.json")
    locked = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    parts = [_FORMAT, tree, locked, target.python, target.processor]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _built(key: str) -> BuiltRelease | None:
    """Return what was built under `key`, if its note and its bundle are still there."""
    try:
        note = json.loads((_folder() / f"{key[:16]}.json").read_bytes())
        path = _folder() / f"{note['id']}.tar"
        heads = {name: tuple(each) for name, each in note["heads"].items()}
        if note["key"] != key or path.stat().st_size != note["size"]:
            return None
    except (OSError, ValueError, KeyError):
        return None  # not built, or cut off while it was
    return BuiltRelease(id=note["id"], sha256=note["sha256"], path=path, heads=heads)


def _build(key: str, target: Target) -> BuiltRelease:
    with _one_at_a_time():
        found = _built(key)
        if found:
            return found
        heads = migration_heads.heads(VERSIONS)
        locked = wheels.others(REQUIREMENTS, target, cache() / "wheelhouse")
        with TemporaryDirectory(prefix=".unfinished-", dir=_folder()) as temporary:
            own = wheels.build_own(CHECKOUT, Path(temporary))
            bundle = Path(temporary) / "bundle.tar"
            _write_bundle(bundle, [own, *locked.glob("*.whl")])
            digest = hashlib.sha256(bundle.read_bytes()).hexdigest()
            name = f"{__version__}-{digest[:12]}"
            size = bundle.stat().st_size
            path = bundle.rename(_folder() / f"{name}.tar")
        note = {"key": key, "id": name, "sha256": digest, "size": size, "heads": heads}
        unfinished = _folder() / f".{key[:16]}.json"
        unfinished.write_text(json.dumps(note))
        unfinished.rename(_folder() / f"{key[:16]}.json")
        _prune()
        return BuiltRelease(id=name, sha256=digest, path=path, heads=heads)


def _write_bundle(path: Path, files: Sequence[Path]) -> None:
    """Write the tar with nothing in it that depends on when, where or by whom it is made."""
    ordered = sorted(files, key=lambda file: file.name)
    contents = {file.name: file.read_bytes() for file in ordered}
    lines = [
        "{}=={} --hash=sha256:{}\n".format(
            *name.split("-")[:2], hashlib.sha256(content).hexdigest()
        )
        for name, content in contents.items()
    ]
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        _add(archive, "requirements.txt", "".join(lines).encode())
        for name, content in contents.items():
            _add(archive, f"wheels/{name}", content)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = 0o644
    archive.addfile(entry, io.BytesIO(content))


def _prune() -> None:
    """Delete the oldest bundles and the notes of bundles that are gone."""
    bundles = sorted(_folder().glob("*.tar"), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in bundles[KEEP:]:
        old.unlink()
    for note in _folder().glob("*.json"):
        if not (_folder() / f"{json.loads(note.read_bytes())['id']}.tar").exists():
            note.unlink()


def _folder() -> Path:
    return cache() / "releases"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let one run build at a time; another waits, and then finds it built."""
    _folder().mkdir(parents=True, exist_ok=True)
    with (_folder() / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
