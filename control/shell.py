# SPDX-License-Identifier: Apache-2.0
"""Hands over to the system's ssh, with the pinned host keys and the key of the inventory."""

import os
from collections.abc import Sequence
from typing import NoReturn

from control import host_keys
from control.inventory import Machine
from control.secrets import Secrets
from control.ssh_keys import sign_in_key
from poser.errors import PoserError


def ssh_command(machine: Machine, secrets: Secrets, command: Sequence[str]) -> list[str]:
    """Return the command line of ssh for a shell on `machine`, or for `command` there."""
    options = {
        "UserKnownHostsFile": f'"{host_keys.path(secrets)}"',
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "IdentitiesOnly": "yes",
        "IdentityFile": f'"{sign_in_key(secrets).path}"',
        "LogLevel": "ERROR",
    }
    settings = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    target = f"{machine.user}@{machine.address}"
    return [
        "ssh",
        *settings,
        "-p",
        str(machine.port),
        target,
        *(["--", *command] if command else []),
    ]


def become_ssh(machine: Machine, secrets: Secrets, command: Sequence[str]) -> NoReturn:
    """Replace this process by ssh: its exit code, its standard streams and its terminal are ours.

    Raises PoserError when the machine is not known yet, or when there is no ssh.
    """
    if not host_keys.pinned(secrets, machine.address, machine.port):
        raise PoserError(
            f"the host key of {machine.name} ({machine.address}) is not known yet",
            hint=f"pin it: fab trust host={machine.name}",
        )
    words = ssh_command(machine, secrets, command)
    try:
        os.execvp(words[0], words)  # noqa: S606 - no shell is wanted in between
    except FileNotFoundError:
        raise PoserError(
            "the program ssh is not installed here", hint="apt-get install openssh-client"
        ) from None
