# SPDX-License-Identifier: Apache-2.0
"""A bounded HTTP client for the loopback address: a fixed number of connections, kept open.

It runs as a process of its own and costs little: a request is bytes made once, an answer is read
by its Content-Length. `python -m bench.grid.client` reads a `Load` as JSON from standard input
and writes a `Result` as JSON.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

END_OF_HEAD = b"\r\n\r\n"
ANSWER_WITHIN_S = 60.0
MOST_BYTES = 64 * 2**20


class BadAnswerError(Exception):
    """The server answered something else than what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to ask for, how often: `paths` in turn, until `seconds` are over.

    Each connection makes at least `least` requests, however long they take, and no more
    than `most`.
    """

    port: int
    paths: Sequence[str]
    headers: dict[str, str]
    expect: int
    connections: int
    seconds: float
    least: int
    most: int


@dataclass(slots=True, kw_only=True)
class Result:
    """What came back: the time of each answer in milliseconds, and requests per second."""

    took_ms: list[float] = field(default_factory=list)
    per_s: float = 0.0
    body_bytes: int = 0
    errors: list[str] = field(default_factory=list)


def request_bytes(load: Load, path: str) -> bytes:
    """Write one GET request."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{load.port}"]
    lines += [f"{name}: {value}" for name, value in load.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass(slots=True)
class Connection:
    """One kept connection; opens anew when the server has closed it between two requests."""

    port: int
    _socket: socket.socket | None = None

    def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Send a request and return the answer's status, head and body."""
        fresh = self._socket is None
        try:
            return self._ask(request)
        except (ConnectionError, EOFError):
            self.close()
            if fresh:
                raise
            return self._ask(request)

    def close(self) -> None:
        """Close the connection, if it is open."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), ANSWER_WITHIN_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        got = b""
        while END_OF_HEAD not in got:
            got += self._more()
        head, _, body = got.partition(END_OF_HEAD)
        length = content_length(head)
        parts = [body]
        missing = length - len(body)
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        if b"\r\nconnection: close" in head.lower():
            self.close()
        return int(head.split(b" ", 2)[1]), head, b"".join(parts)

    def _more(self) -> bytes:
        assert self._socket is not None
        got = self._socket.recv(2**18)
        if not got:
            raise EOFError("the server closed the connection")
        return got


def content_length(head: bytes) -> int:
    """Read how long the body is; raises BadAnswerError when the head does not say."""
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
            if length > MOST_BYTES:
                raise BadAnswerError(f"the answer is {length} bytes long")
            return length
    raise BadAnswerError(f"the answer has no Content-Length: {head[:200]!r}")


def run(load: Load) -> Result:
    """Make all the requests of a load and return what they took."""
    result = Result()
    lock = threading.Lock()
    requests = [request_bytes(load, path) for path in load.paths]

    def one_connection(number: int) -> None:
        started = time.perf_counter()
        took, size, error = _one_connection(load, requests, first=number)
        elapsed = time.perf_counter() - started
        with lock:
            result.took_ms += took
            result.body_bytes = max(result.body_bytes, size)
            # a rate of each connection: one that ends early is not counted as idle
            result.per_s += len(took) / elapsed
            if error:
                result.errors.append(error)

    threads = [threading.Thread(target=one_connection, args=(n,)) for n in range(load.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return result


def _one_connection(
    load: Load, requests: list[bytes], *, first: int
) -> tuple[list[float], int, str]:
    connection = Connection(load.port)
    took_ms: list[float] = []
    size = 0
    end = time.perf_counter() + load.seconds
    try:
        while len(took_ms) < load.most:
            before = time.perf_counter()
            if before >= end and len(took_ms) >= load.least:
                break
            status, _, body = connection.ask(requests[(first + len(took_ms)) % len(requests)])
            took_ms.append((time.perf_counter() - before) * 1000)
            size = max(size, len(body))
            if status != load.expect:
                wrong = f"status {status} instead of {load.expect}: {body[:300]!r}"
                return took_ms, size, wrong
    except (OSError, EOFError, BadAnswerError) as error:
        return took_ms, size, f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    return took_ms, size, ""


if __name__ == "__main__":
    json.dump(asdict(run(Load(**json.load(sys.stdin)))), sys.stdout)
