# SPDX-License-Identifier: Apache-2.0
"""Files that a role ships as they are: the path below `files/` is the path on the machine."""

from pathlib import Path

from poser.machine.resources.file import File

PARTS = Path(__file__).parent / "parts" / "files"


def shipped(
    path: str,
    *,
    below: Path = PARTS,
    mode: int = 0o644,
    guarded: bool = False,
    check: tuple[str, ...] = (),
) -> File:
    """Return the file that lies at `below` + `path`, owned by root."""
    content = (below / path.lstrip("/")).read_text(encoding="utf-8")
    return File(path=path, content=content, mode=mode, guarded=guarded, check=check)
