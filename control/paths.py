# SPDX-License-Identifier: Apache-2.0
"""Where the control environment keeps things: the checkout, its state, the shared cache."""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
"""The root of the working tree that these files belong to."""

STATE = CHECKOUT / ".poser"
"""Generated files of this checkout; git ignores it."""


def cache() -> Path:
    """Return the folder for what is kept by content and shared by all checkouts of one person."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "poser"


def shown(path: Path) -> str:
    """Return `path` as people would type it from where they stand, for messages."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
