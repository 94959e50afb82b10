# SPDX-License-Identifier: Apache-2.0
"""The kit as one small archive, the same bytes for the same sources."""

from __future__ import annotations

import hashlib
import io
import zipfile
from functools import cache
from pathlib import Path

_TOP = Path(__file__).resolve().parent.parent.parent
_EPOCH = (1980, 1, 1, 0, 0, 0)


def sources(top: Path = _TOP) -> list[Path]:
    """Return the files that travel, sorted: the package's head, the errors, the kit."""
    kit = (top / "poser" / "machine").rglob("*.py")
    return [top / "poser/__init__.py", top / "poser/errors.py", *sorted(kit)]


def archive(top: Path = _TOP) -> bytes:
    """Return the archive: names sorted, no times, so that equal sources give equal bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for path in sources(top):
            info = zipfile.ZipInfo(path.relative_to(top).as_posix(), _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3  # as made on Unix, wherever it is made
            file.writestr(info, path.read_bytes())
    return packed.getvalue()


@cache
def kit() -> tuple[str, bytes]:
    """Return SHA-256 and bytes of the kit as it is on this side."""
    data = archive()
    return hashlib.sha256(data).hexdigest(), data
