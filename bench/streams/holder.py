# SPDX-License-Identifier: Apache-2.0
"""Holds many event streams open as browsers do, and counts what they are told.

It runs as a process of its own: `python -m bench.streams.holder PORT PATH COUNT COOKIE` writes
"open" when every stream has had its first event, and at the end of its standard input the
number of events since, and of streams that are still open.
"""

import selectors
import socket
import sys
from collections.abc import Sequence

ANSWER_WITHIN_S = 60.0


def open_stream(port: int, path: str, cookie: str) -> socket.socket:
    """Open one stream and read its head and its first event."""
    line = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_WITHIN_S)
    head = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
        "Accept: text/event-stream\r\n\r\n"
    )
    line.sendall(head.encode())
    told = b""
    while b"data:" not in told:
        piece = line.recv(4096)
        told += piece
        if not piece or (b"\r\n" in told and not told.startswith(b"HTTP/1.1 200 ")):
            raise SystemExit(f"a stream was refused: {told[:200]!r}")
    return line


def main(arguments: Sequence[str]) -> int:
    """Open the streams, then listen until told to stop."""
    port, path, count, cookie = arguments
    lines = [open_stream(int(port), path, cookie) for _ in range(int(count))]
    print("open", flush=True)
    print(*_listen(lines), flush=True)
    return 0


def _listen(lines: Sequence[socket.socket]) -> tuple[int, int]:
    events, still = 0, len(lines)
    with selectors.DefaultSelector() as waiting:
        waiting.register(sys.stdin, selectors.EVENT_READ)
        for line in lines:
            waiting.register(line, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if not isinstance(key.fileobj, socket.socket):
                    return events, still
                piece = key.fileobj.recv(65536)
                events += piece.count(b"data:")
                if not piece:
                    waiting.unregister(key.fileobj)
                    still -= 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
