# SPDX-License-Identifier: Apache-2.0
"""What nginx is on a node: one address for the web app and for the event streams."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.web.running import free_port

_MOST_HEAD = 64 << 10


@contextmanager
def front(web: int, events: int) -> Iterator[int]:
    """Listen on a port, and pass `/events/` on to one port and all else to the other."""
    port, line = free_port(), _Line()
    # Playwright has a loop running in this thread.
    thread = threading.Thread(target=asyncio.run, args=[line.serve(port, web, events)])
    thread.start()
    assert line.is_open.wait(5), "it does not listen"
    try:
        yield port
    finally:
        line.close()
        thread.join(10)


class _Line:
    """The listening, which another thread waits for and ends."""

    def __init__(self) -> None:
        self.is_open = threading.Event()

    async def serve(self, port: int, web: int, events: int) -> None:
        """Listen until it is closed; what is still open then is cut off."""
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        line = await asyncio.start_server(
            lambda reader, writer: _pass_on(reader, writer, web, events),
            "127.0.0.1",
            port,
            limit=_MOST_HEAD,
        )
        self.is_open.set()
        await self._end.wait()
        line.close()

    def close(self) -> None:
        """End it, from any thread."""
        self._loop.call_soon_threadsafe(self._end.set)


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, web: int, events: int
) -> None:
    """Take one request of one connection to where it belongs, and its answer back."""
    with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        head = await reader.readuntil(b"\r\n\r\n")
        first, _, rest = head.partition(b"\r\n")
        port = events if first.split(b" ")[1].startswith(b"/events/") else web
        there, back = await asyncio.open_connection("127.0.0.1", port)
        lines = [each for each in rest.split(b"\r\n") if not each.lower().startswith(b"connection")]
        back.write(b"\r\n".join([first, b"Connection: close", *lines]))
        ways = [asyncio.create_task(_pour(reader, back)), asyncio.create_task(_pour(there, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        back.close()
    writer.close()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while part := await reader.read(1 << 16):
            writer.write(part)
            await writer.drain()
