# SPDX-License-Identifier: Apache-2.0
"""gunicorn's threaded worker, which lets nobody hold a thread by sending slowly.

nginx reads a request whole before it passes it on, so this matters where nginx is not
in front, and should it ever fail to. The main loop cuts the incoming half of a
connection whose request is not read in time; the waiting thread then sees its end.
"""

import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # no types

HEAD_S = 10.0
"""Seconds for the request line and headers to arrive, counted from their first byte."""

BODY_S = 30.0
"""Seconds for a request with a body to be read and answered."""


class PatientOnlySoLong(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """A threaded worker with deadlines for reading requests."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - gunicorn's own
        super().__init__(*args, **kwargs)
        self._deadlines: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:  # noqa: ANN401 - gunicorn's own
        """Read and answer one request in a thread, under a deadline until it is read."""
        # A fresh connection may stay silent for gunicorn's own 5 s before it is put aside.
        self._deadlines[conn] = time.monotonic() + HEAD_S
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
