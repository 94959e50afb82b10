# SPDX-License-Identifier: Apache-2.0
"""A role is found by listing folders: `roles/<name>/role.py` with a function called `<name>`."""

import difflib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from poser.errors import ConfigError
from roles.values import Host, Role

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Return the names of all roles, sorted."""
    return tuple(sorted(found.parent.name for found in FOLDER.glob("*/role.py")))


def build(host: Host) -> Role:
    """Return what `host` is meant to be; raises ConfigError for a role that does not exist."""
    known = names()
    if host.role not in known:
        nearest = difflib.get_close_matches(host.role, known, n=3, cutoff=0.4) or known
        raise ConfigError(
            f"machine {host.name}: there is no role {host.role!r}",
            hint=f"did you mean {' or '.join(nearest)}? A role is a folder roles/NAME/role.py",
        )
    make: Callable[[Host], Role] = getattr(import_module(f"roles.{host.role}.role"), host.role)
    return make(host)
