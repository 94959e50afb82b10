# SPDX-License-Identifier: Apache-2.0
"""Many peers of a hub in one process: each waits for changes as a store's daemon does.

`python -m bench.syncing.crowd PORT COUNT EPOCH AFTER` writes "waiting" when all wait, and after
each line with a number that it reads, the seconds since 1970 at which all had so many changes more.
"""

import asyncio
import json
import sys
import time
import zlib
from collections.abc import Sequence

WAIT_S = 15
"""How long a daemon lets the host wait (poser.datasync.daemon)."""


class Crowd:
    """The peers, how many changes each has, and whether all have what is wanted."""

    def __init__(self, port: int, count: int, epoch: str, after: int) -> None:
        self.port, self.epoch, self.after = port, epoch, after
        self.has = [0] * count
        self.waiting = 0
        self.all_wait = asyncio.Event()
        self.wanted = 0
        self.done = asyncio.Event()

    async def run(self) -> None:
        """Let them all wait, for ever."""
        async with asyncio.TaskGroup() as group:
            for number in range(len(self.has)):
                group.create_task(self._peer(number))

    async def _peer(self, number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        after, is_first = self.after, True
        while True:
            path = f"/datasync/changes?after={after}&epoch={self.epoch}&wait={WAIT_S}"
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: hub\r\nX-Poser-Node: {name(number)}\r\n\r\n".encode()
            )
            await writer.drain()
            if is_first:
                is_first = False
                self.waiting += 1
                if self.waiting == len(self.has):
                    self.all_wait.set()
            head = json.loads(_first_line(await _body(reader)))
            after = head["upto"]
            self.has[number] += head["count"]
            if self.wanted and min(self.has) >= self.wanted:
                self.done.set()

    async def until_all_have(self, count: int) -> float:
        """Wait until all have so many changes more; returns when that was."""
        self.done.clear()
        self.wanted += count
        await self.done.wait()
        return time.time()


def name(number: int) -> str:
    """Give the name of a peer, as its certificate has it."""
    return f"store-{number}"


def _first_line(body: bytes) -> bytes:
    member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    return member.decompress(body)


async def _body(reader: asyncio.StreamReader) -> bytes:
    """Read one answer; raises SystemExit for another than 200."""
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(f"a peer was refused: {head[:300]!r}")
    for line in head.split(b"\r\n"):
        word, _, value = line.partition(b":")
        if word.lower() == b"content-length":
            return await reader.readexactly(int(value))
    raise SystemExit(f"an answer without its length: {head[:300]!r}")


async def _main(arguments: Sequence[str]) -> None:
    port, count, epoch, after = arguments
    crowd = Crowd(int(port), int(count), epoch, int(after))
    running = asyncio.create_task(crowd.run())
    await crowd.all_wait.wait()
    print("waiting", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(await crowd.until_all_have(int(line)), flush=True)
    running.cancel()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
