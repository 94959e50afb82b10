# SPDX-License-Identifier: Apache-2.0
"""What nodes install: one file with our wheel, the locked others, and their hashes.

The bundle is a tar of `requirements.txt` (exact hashes of what is in it) and `wheels/`. The same
tree and locks make the same bytes; its name says so: VERSION-HASH. How it is made is in
`release_build`, which is loaded only when something has changed.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from control import extensions, source_tree
from control.paths import CHECKOUT, STATE, cache
from poser.errors import PoserError
from roles.values import ReleaseRef

ROOT = CHECKOUT
"""The working tree that releases are made from."""
REQUIREMENTS = ROOT / "requirements" / "node.txt"
_FORMAT = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a release must run on, and the folders of the extensions it brings along."""

    python: str = "3.13"
    processor: str = "x86_64"
    extensions: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltRelease:
    """A release that can be sent: its name, its bundle, the newest migrations it brings.

    `extensions` are the names of the packages that extend it.
    """

    id: str
    sha256: str
    path: Path
    heads: Mapping[str, tuple[str, ...]]
    extensions: tuple[str, ...] = ()

    @property
    def ref(self) -> ReleaseRef:
        """What a role needs to know of it."""
        return ReleaseRef(
            id=self.id, sha256=self.sha256, heads=self.heads, extensions=self.extensions
        )


def build(target: Target) -> BuiltRelease:
    """Return the release of the working tree for `target`, built only when something changed.

    Raises PoserError when a wheel cannot be built or fetched.
    """
    key = key_of(target)
    if found := built(key):
        os.utime(found.path)  # in use: not to be pruned
        return found
    from control import release_build  # noqa: PLC0415 (an unchanged run needs none of it)

    return release_build.build(key, target)


def is_built(target: Target) -> bool:
    """Tell whether `build` has nothing to do."""
    return built(key_of(target)) is not None


def verified(release: BuiltRelease) -> Path:
    """Return the bundle after reading it whole; raises PoserError when it is damaged or gone."""
    again = "run again: it is built anew"
    try:
        with release.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        gone = f"the bundle of release {release.id} has been deleted from the cache"
        raise PoserError(gone, hint=again) from None
    if digest != release.sha256:
        release.path.unlink()
        damaged = f"the bundle of release {release.id} was damaged in the cache and is now deleted"
        raise PoserError(damaged, hint=again)
    return release.path


def key_of(target: Target) -> str:
    """Return a SHA-256 of all that a release for `target` is made from.

    Raises ConfigError for a folder that is no extension.
    """
    tree = source_tree.fingerprint(ROOT, STATE / "source-index.json")
    locked = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    added = [extensions.fingerprint(extensions.source(each)) for each in target.extensions]
    parts = [_FORMAT, tree, locked, target.python, target.processor, *added]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def built(key: str) -> BuiltRelease | None:
    """Return what was built from `key`, if its note and its bundle are still there."""
    try:
        note = json.loads(note_path(key).read_bytes())
        path = folder() / f"{note['id']}.tar"
        heads = {name: tuple(each) for name, each in note["heads"].items()}
        if note["key"] != key or path.stat().st_size != note["size"]:
            return None
    except (OSError, ValueError, KeyError):
        return None  # not built, or cut off while it was
    return BuiltRelease(
        id=note["id"],
        sha256=note["sha256"],
        path=path,
        heads=heads,
        extensions=tuple(note["extensions"]),
    )


def folder() -> Path:
    """Return the folder of the bundles and of the notes about them."""
    return cache() / "releases"


def note_path(key: str) -> Path:
    """Return the note that tells what was built from `key`."""
    return folder() / f"{key[:16]}.json"
