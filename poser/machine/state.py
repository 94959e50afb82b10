# SPDX-License-Identifier: Apache-2.0
"""What the kit remembers of a machine between runs, for `status` and for skipping verification."""

from __future__ import annotations

import json
import os
import time

PATH = "/var/lib/poser-kit/state.json"
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    State = dict[str, Any]


def read(root: str = "") -> State:
    """Return what is remembered; nothing, if that was lost in a power cut."""
    try:
        with open(root + PATH, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write(state: State, root: str = "", *, durable: bool = False) -> None:
    """Remember it; brought to the disk at once only when `durable`, as that takes its time."""
    path = root + PATH
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(state, file, indent=1, sort_keys=True)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    os.rename(f"{path}.new", path)
    if durable:
        folder = os.open(os.path.dirname(path), os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def now() -> str:
    """Return the time, UTC, in ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def unverified(root: str = "") -> None:
    """Forget that the machine passed verification: it is about to be changed.

    Written through to the disk, so that a run which is cut off cannot leave the old word standing.
    """
    old = read(root)
    if old.get("verified_sha256"):
        write({**old, "verified_sha256": ""}, root, durable=True)


def converged(job: State, *, services: list[str], root: str = "") -> str:
    """Remember a run that ended well; return the values with which the machine was verified."""
    old = read(root)
    verified = old.get("verified_sha256", "")
    write(
        {
            **old,
            "role": job.get("role", ""),
            "release": job.get("release", ""),
            "values_sha256": job.get("values_sha256", ""),
            "last_converge": now(),
            "verified_sha256": verified,
            "services": services,
        },
        root,
    )
    return str(verified)


def verified(values_sha256: str, root: str = "") -> None:
    """Remember that the machine passed verification with these values."""
    write({**read(root), "verified_sha256": values_sha256, "last_verified": now()}, root)
