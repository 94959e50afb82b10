# SPDX-License-Identifier: Apache-2.0
"""Small files that are there whole or not at all, also when the power goes."""

import os
from pathlib import Path


def keep(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write a file, through to the card; who looks meanwhile sees the old one or the new one."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    line = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(line, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
