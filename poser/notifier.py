# SPDX-License-Identifier: Apache-2.0
"""Telling systemd how a service is: that it is ready, that it lives, that it stops."""

import logging
import os
import socket

log = logging.getLogger(__name__)


class Notifier:
    """Sends states to systemd, and to nobody when not started by systemd."""

    def __init__(self) -> None:
        # Taken out of the environment: gunicorn itself would say READY=1 too early.
        address = os.environ.pop("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def say(self, *states: str) -> bool:
        """Send lines such as READY=1; tells whether systemd took them.

        Never waits: a supervisor that hangs on systemd would not look after its workers.
        """
        if not self._address:
            return True
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.setblocking(False)  # noqa: FBT003 - the standard library's way
            try:
                line.sendto("\n".join(states).encode(), self._address)
            except OSError as error:
                log.warning("systemd does not listen", extra={"reason": str(error)})
                return False
        return True
