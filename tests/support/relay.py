# SPDX-License-Identifier: Apache-2.0
"""A line that can go half-open: what is sent into it is taken and lost, and nobody hangs up."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(slots=True)
class Relay:
    """Carries bytes between those who dial `port` and a server; counts who dialled."""

    to: int
    listener: socket.socket
    dialled: int = 0
    _lost: threading.Event = field(default_factory=threading.Event)
    _lines: list[socket.socket] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def lose(self) -> None:
        """Lose from now on what is sent on the lines that are open; new ones are as they should."""
        self._lost.set()
        self._lost = threading.Event()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self.listener.accept()
                other = socket.create_connection(("127.0.0.1", self.to))
                self.dialled += 1
                self._lines += [line, other]
                for giver, taker in ((line, other), (other, line)):
                    threading.Thread(
                        target=self._carry, args=(giver, taker, self._lost), daemon=True
                    ).start()

    def _carry(self, giver: socket.socket, taker: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while data := giver.recv(65536):
                if not lost.is_set():
                    taker.sendall(data)
            if not lost.is_set():
                taker.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        for line in (self.listener, *self._lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()


@contextmanager
def relay(to: int) -> Iterator[Relay]:
    """Carry what comes on a new port of loopback to the port `to`."""
    made = Relay(to, socket.create_server(("127.0.0.1", 0)))
    thread = threading.Thread(target=made.accept, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.close()
        thread.join()
