# SPDX-License-Identifier: Apache-2.0
"""Knows fast whether the software of this checkout has changed since a release was built.

Like git's index: a file whose size, inode and times are those of last time has the content of
last time, unless it was written just then.
"""

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

PARTS = ("LICENSE", "README.md", "migrations", "poser", "pyproject.toml", "web")
"""What a release of our own is made of: files, and packages with all they hold."""
LEFT_OUT = frozenset({"__pycache__", "built", "node_modules"})
_JUST_NOW_NS = 2_000_000_000
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was last read: what the file system says of it, when that was, its SHA-256."""

    size: int
    inode: int
    modified_ns: int
    changed_ns: int
    looked_ns: int
    sha256: str

    def still_fits(self, now: os.stat_result) -> bool:
        same = (now.st_size, now.st_ino, now.st_mtime_ns, now.st_ctime_ns) == (
            self.size,
            self.inode,
            self.modified_ns,
            self.changed_ns,
        )
        return same and max(self.modified_ns, self.changed_ns) + _JUST_NOW_NS < self.looked_ns


def fingerprint(root: Path, index: Path, parts: Sequence[str] = PARTS) -> str:
    """Return a SHA-256 over names, modes and contents of all files below `parts` of `root`.

    `index` is a file that remembers what was read; a damaged or missing one only costs time.
    """
    known = _load(index)
    looked = time.time_ns()
    now = {
        name: _look(path, status, known.get(name), looked)
        for name, path, status in _files(root, parts)
    }
    if now != known:
        _save(index, now)
    listing = "".join(f"{name}\0{seen.sha256}\n" for name, seen in sorted(now.items()))
    return hashlib.sha256(listing.encode()).hexdigest()


def files(root: Path, parts: Sequence[str] = PARTS) -> Iterator[str]:
    """Yield the names, below `root`, of the files that a release is made of."""
    for name, _, _ in _files(root, parts):
        yield name


def _files(root: Path, parts: Sequence[str]) -> Iterator[tuple[str, str, os.stat_result]]:
    """Yield name, path and status of each file; names are below `root`, with slashes."""
    base = str(root)
    for part in parts:
        path = f"{base}/{part}"
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _below(path, len(base) + 1)
        else:
            yield part, path, status


def _below(folder: str, cut: int) -> Iterator[tuple[str, str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in LEFT_OUT or entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path, cut)
            elif entry.is_file(follow_symlinks=False):
                yield entry.path[cut:], entry.path, entry.stat(follow_symlinks=False)


def _look(path: str, status: os.stat_result, known: _Seen | None, looked: int) -> _Seen:
    if known is not None and known.still_fits(status):
        return known
    with open(path, "rb") as file:  # noqa: PTH123 (pathlib costs as much as the reading)
        digest = hashlib.sha256(file.read()).hexdigest()
    return _Seen(
        size=status.st_size,
        inode=status.st_ino,
        modified_ns=status.st_mtime_ns,
        changed_ns=status.st_ctime_ns,
        looked_ns=looked,
        sha256=digest,
    )


def _load(index: Path) -> dict[str, _Seen]:
    try:
        stored = json.loads(index.read_bytes())
        if stored["format"] != _FORMAT:
            return {}
        return {name: _Seen(*fields) for name, fields in stored["files"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}  # everything is read again


def _save(index: Path, seen: dict[str, _Seen]) -> None:
    index.parent.mkdir(parents=True, exist_ok=True)
    fields = {name: astuple(each) for name, each in seen.items()}
    temporary = index.with_name(f"{index.name}.{os.getpid()}")
    temporary.write_text(json.dumps({"format": _FORMAT, "files": fields}))
    temporary.replace(index)
