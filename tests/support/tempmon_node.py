# SPDX-License-Identifier: Apache-2.0
"""A node for probes in tests: real HTTPS, which answers as it is told to."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tempmon_client import signing, wire
from tempmon_client.enrolling import Asked, Decided, State
from tempmon_client.settings import Settings
from tempmon_client.wire import Answer, Message, Reading
from tests.support.tls_front import Authority


@dataclass
class Node:
    """What a node knows and does; `answers` are statuses that it gives before it works again."""

    port: int = 0
    state: State = State.ACCEPTED
    settings: Settings | None = None
    identify_s: int = 0
    answers: list[int] = field(default_factory=list)
    hangs_up: int = 0
    keys: dict[str, bytes] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    kept: dict[int, Reading] = field(default_factory=dict)
    refused: int = 0

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def enrol(self, body: bytes) -> tuple[int, bytes]:
        asked = Asked.decode(body)
        self.asked.append(asked)
        self.keys[asked.serial] = asked.key
        return 200, Decided(state=self.state, why="as the test says").encode()

    def take(self, header: str, body: bytes) -> tuple[int, bytes]:
        serial, shown = signing.signed_by(header)
        key = self.keys.get(serial)
        if key is None or not signing.is_signed(key, wire.READINGS_PATH, body, shown):
            self.refused += 1
            return 401, b'{"description": "nobody knows this probe"}'
        message = wire.decode(body)
        self.messages.append(message)
        for one in message.readings:
            assert self.kept.setdefault(one.number, one) == one, "one number, two readings"
        settings = self.settings
        if settings is not None and settings.version == message.settings:
            settings = None
        taken = max(self.kept, default=0)
        now = round(time.time() * 1000)
        answer = Answer(taken=taken, now_ms=now, settings=settings, identify_s=self.identify_s)
        return 200, wire.encode_answer(answer)


@contextmanager
def serving(authority: Authority, node: Node) -> Iterator[Node]:
    """Serve a node on a port of loopback, the same one each time."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if node.hangs_up:
                node.hangs_up -= 1
                self.connection.close()
                return
            if node.answers:
                status, said = node.answers.pop(0), b'{"description": "not now"}'
            elif self.path == wire.PROBES_PATH:
                status, said = node.enrol(body)
            else:
                status, said = node.take(self.headers.get("Authorization", ""), body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    certificate, key = authority.sign("node", is_server=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", node.port), Handler) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        node.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield node
        finally:
            server.shutdown()
            thread.join()


def eventually(what: Callable[[], object], *, within_s: float = 20.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.02)
