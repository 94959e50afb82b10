# SPDX-License-Identifier: Apache-2.0
"""The resource kit as it is sent to machines; packed only when a machine lacks it."""

import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from control import source_tree
from control.paths import CHECKOUT, STATE
from control.release import BuiltRelease, verified
from poser.machine import pack

_PARTS = ("poser/__init__.py", "poser/errors.py", "poser/machine")


def sha256() -> str:
    """Return the SHA-256 of the packed kit; it is known without packing while nothing changed."""
    sources = source_tree.fingerprint(CHECKOUT, STATE / "kit-index.json", _PARTS)
    note = STATE / "kit.txt"
    # another zlib may pack the same sources into other bytes
    made_from = f"{sources}-{zlib.ZLIB_RUNTIME_VERSION}-{sys.hexversion:x}"
    try:
        known, _, digest = note.read_text().strip().partition(" ")
    except OSError:
        known, digest = "", ""
    if known == made_from:
        return digest
    digest = pack.kit()[0]
    note.write_text(f"{made_from} {digest}\n")
    return digest


class Blobs(Mapping[str, bytes | Path]):
    """What a machine may ask for, by SHA-256: the kit, and the release if there is one."""

    def __init__(self, release: BuiltRelease | None = None) -> None:
        self._release = release
        self.kit_sha256 = sha256()

    def __getitem__(self, digest: str) -> bytes | Path:
        if digest == self.kit_sha256:
            return pack.kit()[1]
        if self._release is not None and digest == self._release.sha256:
            return verified(self._release)
        raise KeyError(digest)

    def __contains__(self, digest: object) -> bool:
        return digest in tuple(self)

    def __iter__(self) -> Iterator[str]:
        return iter([self.kit_sha256, *([self._release.sha256] if self._release else [])])

    def __len__(self) -> int:
        return 1 if self._release is None else 2
