# SPDX-License-Identifier: Apache-2.0
"""Waits until machines answer on their SSH port."""

import socket
import time
from collections.abc import Callable, Mapping

SSH_PORT = 22
_TRY_S = 1.0
_PAUSE_S = 0.03


def wait_for_ssh(
    addresses: Mapping[str, str],
    wait_s: float,
    *,
    answered: Callable[[str], None],
    is_running: Callable[[str], bool],
) -> dict[str, str]:
    """Wait until each machine (name to address) greets as an SSH server.

    Calls `answered` for each that does. Returns the others with the reason: the machine ended,
    or said nothing within `wait_s` seconds.
    """
    waiting = dict(addresses)
    silent: dict[str, str] = {}
    deadline = time.monotonic() + wait_s
    while waiting and time.monotonic() < deadline:
        for name, address in list(waiting.items()):
            if greets(address):
                answered(name)
                del waiting[name]
            elif not is_running(name):
                silent[name] = "it stopped while it booted"
                del waiting[name]
        time.sleep(_PAUSE_S)
    return silent | dict.fromkeys(waiting, f"no answer on port {SSH_PORT} within {wait_s:.0f} s")


def greets(address: str) -> bool:
    """Say whether an SSH server answers at `address`."""
    try:
        with socket.create_connection((address, SSH_PORT), timeout=_TRY_S) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
