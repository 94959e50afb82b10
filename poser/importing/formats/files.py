# SPDX-License-Identifier: Apache-2.0
"""A file that is read once from begin to end, and may not change meanwhile."""

import stat
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Self

from poser.errors import ImportFailed
from poser.importing.formats.encoding import (
    Encoding,
    found_encoding,
    has_ascii_lines,
    recoded,
    said_encoding,
)
from poser.importing.formats.text_lines import Lines, text_lines
from poser.importing.opening import Limits, Opened, opened
from poser.importing.source import Bad, Reached

STANDARD_INPUT = "-"


class TextFile:
    """A text file, plain or gzip, that is open: its encoding is known, its lines are not read.

    A context manager. Opening it raises ImportFailed for a file that cannot be read.
    """

    def __init__(self, path: str, *, encoding: str = "", limits: Limits | None = None) -> None:
        self.path = path
        self.name = "standard input" if path == STANDARD_INPUT else path
        self.encoding = Encoding(name="utf-8")
        self._said = encoding
        self._limits = limits or Limits()
        self._stack = ExitStack()
        self._before = looks(path)
        self._opened: Opened | None = None
        self._pieces: Iterator[bytes] = iter(())
        self._first = b""

    def __enter__(self) -> Self:
        """Open it and find out its encoding."""
        with ExitStack() as stack:
            self._opened = stack.enter_context(opened(self.path, self._limits))
            self._pieces = self._opened.pieces()
            self._first = next(self._pieces, b"")
            if self._said:
                self.encoding = said_encoding(self._said, self._first)
            else:
                self.encoding = found_encoding(self._first, self._again())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self._stack.close()

    def reached(self) -> Reached:
        """Say how many of its bytes are read."""
        if self._opened is None:
            return Reached(unit="bytes")
        return Reached(done=self._opened.read, total=self._opened.size, unit="bytes")

    def lines(self) -> Iterator[Lines | Bad]:
        """Read its lines. Raises ImportFailed at the end if it changed while it was read."""
        pieces, encoding = self._marked_off(), self.encoding
        if not has_ascii_lines(encoding):
            pieces = recoded(pieces, encoding, self.name)
            encoding = Encoding(name="utf-8")
        first = next(pieces, b"")
        end = b"\r" if b"\n" not in first and b"\r" in first else b"\n"
        yield from text_lines(chain([first], pieces), encoding, end)
        check_unchanged(self.path, self._before)

    def _marked_off(self) -> Iterator[bytes]:
        yield self._first[self.encoding.mark :]
        yield from self._pieces

    def _again(self) -> Iterator[bytes]:
        """Read the file another time, where that can be done."""
        if self._before is not None:
            with opened(self.path, self._limits) as again:
                yield from again.pieces()


def check_unchanged(path: str, before: tuple[int, int, int] | None) -> None:
    """Raise ImportFailed if a file is not what it was `before`, as `looks` gave it."""
    now = looks(path)
    if now == before:
        return
    grown = f", from {before[0]} to {now[0]} bytes" if before and now else ""
    raise ImportFailed(
        f"{path} changed while it was read{grown}",
        hint="wait until it is written, and begin again; nothing of it was taken",
    )


def looks(path: str) -> tuple[int, int, int] | None:
    """Give what changes when a file is written or another takes its place; None for a pipe."""
    if path == STANDARD_INPUT:
        return None
    try:
        found = Path(path).stat()
    except OSError:
        return None  # opening it says why
    regular = stat.S_ISREG(found.st_mode)
    return (found.st_size, found.st_mtime_ns, found.st_ino) if regular else None
