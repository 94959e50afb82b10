# SPDX-License-Identifier: Apache-2.0
"""The http side of the cache: what apt on a machine of the lab talks to."""

import http.server
import logging
import os
import shutil
import socket
import socketserver
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from control.aptcache.download import Broken, Download
from control.aptcache.store import Refused, Store, Wanted

log = logging.getLogger(__name__)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Serves files of `store` to whoever connects to `listener`, which listens already."""

    daemon_threads = True

    def __init__(self, listener: socket.socket, store: Store) -> None:
        super().__init__(listener.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.store = store


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection of a client; apt asks for many files over one."""

    protocol_version = "HTTP/1.1"
    server_version = "poser-aptcache"
    timeout = 120
    server: Server

    def do_GET(self) -> None:
        """Answer with one file, from here or from the mirror."""
        try:
            self._answer(self.server.store.wanted(self.path))
        except Refused as error:
            self.send_error(HTTPStatus.FORBIDDEN, explain=str(error))
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            self.close_connection = True

    do_HEAD = do_GET  # noqa: N815 - the name that the parent asks for

    def _answer(self, wanted: Wanted) -> None:
        if self.server.store.kept(wanted):
            self._send_kept(wanted.path, "here")
            return
        download = self.server.store.fetch(wanted)
        try:
            head = download.head()
            if head.length is None:
                download.wait()  # the length is told to the client, so it must be known
        except Broken as error:
            log.warning("mirror failed", extra={"reason": str(error)})
            self.send_error(HTTPStatus.BAD_GATEWAY, explain=f"the mirror failed: {error}")
            return
        if head.status == HTTPStatus.NOT_MODIFIED or (
            head.status == HTTPStatus.OK and head.length is None
        ):
            self._send_kept(wanted.path, "asked")
        elif head.status == HTTPStatus.OK and head.length is not None:
            self._send_arriving(download, head.length, head.modified)
        else:
            self.send_error(head.status, explain=f"said the mirror to {wanted.url}")

    def _send_kept(self, path: Path, how: str) -> None:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if self._has_newest(found.st_mtime):
                self.send_response(HTTPStatus.NOT_MODIFIED)
                self.end_headers()
                return
            self._start(found.st_size, found.st_mtime, how)
            if self.command != "HEAD":
                self._copy(file)

    def _copy(self, file: BinaryIO) -> None:
        shutil.copyfileobj(file, self.wfile, 1 << 18)

    def _send_arriving(self, download: Download, length: int, modified: float | None) -> None:
        self._start(length, modified, "fetched")
        if self.command == "HEAD":
            return
        try:
            for chunk in download.chunks():
                self.wfile.write(chunk)
        except Broken as error:
            # The client was promised more bytes: it sees a broken connection and asks again.
            log.warning("download broke off", extra={"reason": str(error)})
            self.close_connection = True

    def _start(self, length: int, modified: float | None, how: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", str(length))
        if modified is not None:
            self.send_header("Last-Modified", formatdate(modified, usegmt=True))
        self.send_header("X-Poser-Cache", how)
        self.end_headers()

    def _has_newest(self, modified: float) -> bool:
        since = self.headers.get("If-Modified-Since")
        try:
            return bool(since) and parsedate_to_datetime(str(since)).timestamp() >= int(modified)
        except ValueError:
            return False

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Keep one line for each request, with the client's address."""
        log.info("asked", extra={"client": self.client_address[0], "what": format % args})
