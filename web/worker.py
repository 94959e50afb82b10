# SPDX-License-Identifier: Apache-2.0
"""gunicorn's threaded worker, where nobody can hold a thread by sending slowly or not at all.

nginx reads a request whole before it passes it on, so this matters where nginx is not
in front, and should it ever fail to. The main loop cuts the incoming half of a
connection whose request is not read in time; the waiting thread then sees its end.
"""

import selectors
import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]  # no types

HEAD_S = 10.0
"""Seconds for the request line and headers to arrive, counted from their first byte."""

BODY_S = 30.0
"""Seconds for a request with a body to be read and answered."""


class PatientOnlySoLong(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """A threaded worker with deadlines for reading requests."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - gunicorn's own
        super().__init__(*args, **kwargs)
        self._deadlines: dict[Any, float] = {}

    def accept(self, listener: Any) -> None:  # noqa: ANN401 - gunicorn's own
        """Take a connection, and wait for its first byte without keeping a thread for it."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, client, address, listener.getsockname())
        conn.timeout = time.monotonic() + HEAD_S
        self.pending_conns.append(conn)
        waits = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, waits)

    def enqueue_req(self, conn: Any) -> None:  # noqa: ANN401 - gunicorn's own
        """Queue a connection with a first byte; from now on its head must arrive in time."""
        self._deadlines[conn] = time.monotonic() + HEAD_S
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:  # noqa: ANN401 - gunicorn's own
        """Read and answer one request in a thread, under a deadline until it is read."""
        try:
            return super().handle(conn)
        finally:
            self._deadlines.pop(conn, None)

    def handle_request(self, req: Any, conn: Any) -> Any:  # noqa: ANN401 - gunicorn's own
        """Answer a request whose head is read; a body gets a deadline of its own."""
        has_body = any(
            name in {"CONTENT-LENGTH", "TRANSFER-ENCODING"} and value != "0"
            for name, value in req.headers
        )
        if has_body:
            self._deadlines[conn] = time.monotonic() + BODY_S
        else:
            self._deadlines.pop(conn, None)
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Cut off those who are too slow; the main loop calls this every second."""
        super().murder_pending()
        now = time.monotonic()
        for conn, deadline in list(self._deadlines.items()):
            if now > deadline:
                self._deadlines.pop(conn, None)
                with suppress(OSError):  # it went away by itself
                    conn.sock.shutdown(socket.SHUT_RD)
