# SPDX-License-Identifier: Apache-2.0
"""The other end of the channel as the machine sees it: it takes events and may be gone."""

from __future__ import annotations

import json
import os
import select
from time import monotonic

from poser.machine.digest import sha256
from poser.machine.wire import read_frame, read_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO

# Set in a poll when the other side has closed the channel, even if unread bytes are left.
GONE = select.POLLHUP | select.POLLRDHUP | select.POLLERR
_CHUNK = 1 << 20
_EVERY_S = 0.2  # at most this often is mere progress told


class Cut(Exception):  # noqa: N818 - what happened to the line
    """Nobody listens any more (or a signal asked us to go): stop at this safe point."""


class Peer:
    """Control, at the other end of standard input and output.

    `on_cut` is called once, when it is seen that the other side is gone.
    """

    def __init__(
        self, frames: BinaryIO, out: int, on_cut: Callable[[], None] = lambda: None
    ) -> None:
        self.frames = frames
        self.fd = frames.fileno()
        self.is_cut = False
        self.on_cut = on_cut
        self._out = out
        self._told = 0.0

    def emit(self, event: str, **fields: Any) -> None:  # noqa: ANN401 - JSON values
        """Send one event; when nobody takes it, remember that the line is cut."""
        data = json.dumps({"event": event, **fields}).encode() + b"\n"
        try:
            while data and not self.is_cut:
                data = data[os.write(self._out, data) :]
        except BrokenPipeError:
            self.cut()

    def progress(self, key: str, text: str) -> None:
        """Say what is going on, but not too often."""
        if monotonic() - self._told >= _EVERY_S:
            self._told = monotonic()
            self.emit("progress", key=key, text=text)

    def cut(self) -> None:
        """Note that the line is cut."""
        if not self.is_cut:
            self.is_cut = True
            self.on_cut()

    def check(self) -> None:
        """Raise Cut when the other side is gone."""
        poll = select.poll()
        poll.register(self.fd, GONE)
        if poll.poll(0):
            self.cut()
        if self.is_cut:
            raise Cut

    def frame(self) -> tuple[str, bytes] | None:
        """Return the next frame, or None when there are no more."""
        return read_frame(self.frames)

    def fetch(self, sha256_hex: str, path: str) -> None:
        """Ask for a blob and write it, as it comes, to `path`; raises Cut or OSError.

        What arrives damaged is not kept: that is a cut line, too.
        """
        self.emit("need", sha256=sha256_hex)
        header = read_header(self.frames)
        if header is None or header[0] != "blob":
            self.cut()
            raise Cut
        rest, seen = header[1], sha256()
        with open(path, "wb") as file:
            while rest and (piece := self.frames.read(min(rest, _CHUNK))):
                rest -= len(piece)
                seen.update(piece)
                file.write(piece)
        if seen.hexdigest() != sha256_hex:
            self.cut()
            raise Cut
