# SPDX-License-Identifier: Apache-2.0
"""Runs the few programs of this computer that the lab is made with."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from control.paths import CHECKOUT
from poser.errors import PoserError

PYTHON = (sys.executable, "-B")
"""Runs Python as root without leaving compiled files of root's in a person's checkout."""

PACKAGES = {
    "ip": "iproute2",
    "mmdebstrap": "mmdebstrap",
    "mount": "mount",
    "ssh-keygen": "openssh-client",
    "systemd-nspawn": "systemd-container",
}
"""Which Debian package brings which program."""


def run(*command: str, text: str | None = None) -> str:
    """Run one short program and return what it prints; raises PoserError with its own words."""
    try:
        done = subprocess.run(
            command,
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    except FileNotFoundError:
        raise missing(command[0]) from None
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip() or f"status {done.returncode}"
        raise PoserError(
            f"{' '.join(command)} failed: {words}",
            hint="`fab lab down` and `fab lab up` make the lab's network and mounts anew",
        )
    return done.stdout


def start_alone(
    command: Sequence[str],
    *,
    log: Path,
    given: Path = Path(os.devnull),
    environment: Mapping[str, str] | None = None,
) -> None:
    """Start a process that outlives this one; it reads `given` and prints into `log`.

    It becomes a child of this computer's first process, so that nobody here must wait for it.
    """
    with given.open("rb") as reads, log.open("wb") as output:
        subprocess.run(
            ["setsid", "--fork", *command],
            cwd=CHECKOUT,
            stdin=reads,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | dict(environment or {}),
            check=True,
        )


def need(programs: Sequence[str]) -> None:
    """Raise PoserError for the first of `programs` that this computer lacks."""
    for program in programs:
        if shutil.which(program) is None:
            raise missing(program)


def missing(program: str) -> PoserError:
    """Return the error that says which package brings `program`."""
    package = PACKAGES.get(program, program)
    return PoserError(
        f"this computer has no {program}, which the lab needs",
        hint=f"bin/fab installs it; by hand: apt-get install {package}",
    )
