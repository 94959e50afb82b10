# SPDX-License-Identifier: Apache-2.0
"""What nginx does before a hub: asks peers for their certificates, and says who they are."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from control import certificates

_DAYS = 30


@dataclass(frozen=True)
class Authority:
    """An authority of its own, and the files of those that it signed."""

    folder: Path
    pem: str
    key: str

    @classmethod
    def make(cls, folder: Path) -> "Authority":
        key = certificates.new_key()
        made = cls(folder, certificates.root(key, datetime.now(UTC), _DAYS), key)
        (folder / "authority.pem").write_text(made.pem)
        return made

    def sign(
        self, name: str, *, is_server: bool = False, ago: timedelta = timedelta(0)
    ) -> tuple[Path, Path]:
        key, now = certificates.new_key(), datetime.now(UTC) - ago
        by = (self.pem, self.key)
        made = (
            certificates.server(by, key, ["127.0.0.1"], now, _DAYS)
            if is_server
            else certificates.client(by, key, name, now, _DAYS)
        )
        paths = (self.folder / f"{name}.pem", self.folder / f"{name}.key")
        for path, text in zip(paths, (made, key), strict=True):
            path.write_text(text)
        return paths


@contextmanager
def front(authority: Authority, behind: int, port: int = 0) -> Iterator[int]:
    """Serve TLS before the hub on port `behind` of loopback; yields the port of the front."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass_on(b"")

        def do_POST(self) -> None:
            self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

        def _pass_on(self, body: bytes) -> None:
            line = self.connection
            assert isinstance(line, ssl.SSLSocket)
            found = line.getpeercert() or {}
            subject: object = found["subject"]
            assert isinstance(subject, tuple)
            name = next(value for ((key, value),) in subject if key == "commonName")
            hub = http.client.HTTPConnection("127.0.0.1", behind, timeout=90)
            kind = self.headers.get("Content-Type", "")
            with closing(hub):
                headers = {"X-Poser-Node": name, "Content-Type": kind}
                hub.request(self.command, self.path, body, headers)
                answer = hub.getresponse()
                data = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_words: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_request: object) -> None:
            return

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.sign("front", is_server=True))
    context.load_verify_locations(authority.folder / "authority.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with Server(("127.0.0.1", port), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
