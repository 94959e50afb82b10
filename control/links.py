# SPDX-License-Identifier: Apache-2.0
"""The open connections of one run, so that all can be closed at once when it is interrupted."""

import threading
from typing import TYPE_CHECKING

from control.inventory import Machine
from control.secrets import Secrets

if TYPE_CHECKING:
    from fabric import Connection  # type: ignore[import-untyped]  # Fabric ships no types


class Links:
    """Opens connections and remembers them until they are closed; for several threads."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._lock = threading.Lock()
        self._open: list[Connection] = []

    def open(self, machine: Machine) -> "Connection":
        """Return a new connection to `machine`; raises what `control.connections` raises."""
        from control.connections import connect  # noqa: PLC0415 (loads Fabric and paramiko)

        connection = connect(machine, self._secrets)
        with self._lock:
            self._open.append(connection)
        return connection

    def close_one(self, connection: "Connection") -> None:
        """Close one connection; closing twice is harmless."""
        with self._lock:
            if connection in self._open:
                self._open.remove(connection)
        connection.close()

    def close(self) -> None:
        """Close all of them: whoever talks over one gets an error at once."""
        with self._lock:
            connections, self._open = self._open, []
        for connection in connections:
            connection.close()
