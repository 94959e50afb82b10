# SPDX-License-Identifier: Apache-2.0
"""Fills a new machine of the lab with the example data that the inventory names."""

import shlex
from hashlib import sha256
from typing import TYPE_CHECKING

from control import machines
from control.inventory import Machine
from control.paths import shown
from control.progress import Progress
from poser.errors import ImportFailed

if TYPE_CHECKING:
    from fabric import Connection  # type: ignore[import-untyped]  # Fabric ships no types

MARKS = "/var/lib/poser-kit/examples"
"""A folder on the machine with an empty file for each example it was filled with."""


def fill(connection: "Connection", machine: Machine, progress: Progress) -> int:
    """Load the examples that the machine has not had yet; return how many were loaded.

    What people change or delete of them later stays so: an example is loaded once only. Raises
    ImportFailed with the machine's own words; a later run tries again.
    """
    loaded = 0
    for example in machine.examples:
        progress.say(machine.name, f"loading the example {shown(example)}")
        mark = shlex.quote(f"{MARKS}/{sha256(example.read_bytes()).hexdigest()[:16]}")
        script = (
            f"test -e {mark} && exit 80; /usr/local/bin/poser import poslog - || exit 1;"
            f" mkdir -p {MARKS} && touch {mark}"
        )
        code, said = machines.pipe(connection, machines.as_root(machine, script), example)
        if code not in {0, _HAD_IT}:
            raise ImportFailed(
                f"{machine.name}: the example {shown(example)} was not loaded:\n{said}",
                hint="the machine itself is well; run again, or take it out of the inventory",
            )
        loaded += code == 0
    return loaded


_HAD_IT = 80
"""The exit code of our script for an example that was loaded before."""
