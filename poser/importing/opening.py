# SPDX-License-Identifier: Apache-2.0
"""Opening files that others wrote: plain or gzip, in pieces, with limits.

A compressed file that unpacks to far more than it is (a "bomb") is refused while it is
read, before it fills memory or disk. What a file is, is told by its first bytes, not by
its name.
"""

import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from poser.errors import ImportFailed

PIECE = 256 * 1024
MIB = 1024 * 1024
_OTHERS = {
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf": "7z",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a compressed file may unpack to.

    A file may always unpack to `free_mib`; beyond that to no more than `ratio` times its
    own size, and never beyond `largest_mib`. Real POS logs unpack to 10 to 40 times.
    """

    ratio: int = 200
    free_mib: int = 64
    largest_mib: int = 16 * 1024


class CutOff(ImportFailed):
    """A file ends before its end; what came before is whole."""


class Refused(ImportFailed):
    """Nothing of a file may be used."""


class Opened:
    """An open file: its name for messages, its size if known, and how much of it is read."""

    def __init__(self, name: str, stream: BinaryIO, size: int | None, limits: Limits) -> None:
        self.name = name
        self.size = size
        self.read = 0
        self._stream = stream
        self._limits = limits
        self._unpacked = 0

    def pieces(self) -> Iterator[bytes]:
        """Read the content in pieces, unpacking gzip.

        Raises CutOff for a gzip file without its end, and Refused for a damaged one, an
        unknown kind of file, or one that unpacks to too much.
        """
        first = self._raw()
        if first.startswith(b"\x1f\x8b"):
            yield from self._gunzip(first)
            return
        for mark, kind in _OTHERS.items():
            if first.startswith(mark):
                raise Refused(
                    f"{self.name}: is packed with {kind}",
                    hint="unpack it first; gzip is read as it is",
                )
        while first:
            yield first
            first = self._raw()

    def unpacked(self, size: int) -> None:
        """Count what came out of a compressed file. Raises Refused beyond the limits."""
        self._unpacked += size
        limits = self._limits
        if self._unpacked > limits.largest_mib * MIB:
            raise Refused(
                f"{self.name}: unpacks to more than {limits.largest_mib} MiB",
                hint="split it, or raise the limit with --largest-mib if you trust the file",
            )
        allowed = max(limits.free_mib * MIB, limits.ratio * max(self.read, 1))
        if self._unpacked > allowed:
            raise Refused(
                f"{self.name}: unpacks to more than {limits.ratio} times its size, as a zip bomb"
                " does",
                hint="unpack it yourself and look at it, if you trust the file",
            )

    def _raw(self) -> bytes:
        try:
            piece = self._stream.read(PIECE)
        except OSError as error:
            raise Refused(f"{self.name}: cannot be read: {error.strerror}") from error
        self.read += len(piece)
        return piece

    def _gunzip(self, piece: bytes) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(wbits=31)
        while piece:
            try:
                unpacked = unpacker.decompress(piece, PIECE)
            except zlib.error as error:
                raise Refused(
                    f"{self.name}: is damaged: {error}", hint="get the file again from its source"
                ) from error
            self.unpacked(len(unpacked))
            if unpacked:
                yield unpacked
            if unpacker.eof:
                piece = unpacker.unused_data.lstrip(b"\0") or self._raw().lstrip(b"\0")
                if piece:
                    unpacker = zlib.decompressobj(wbits=31)
            else:
                piece = unpacker.unconsumed_tail or self._raw()
        if not unpacker.eof:
            raise CutOff(f"{self.name}: the gzip file ends before its end")


@contextmanager
def opened(name: str, limits: Limits) -> Iterator[Opened]:
    """Open a path, or standard input for `-`. Raises Refused for what cannot be read."""
    if name == "-":
        yield Opened("standard input", sys.stdin.buffer, None, limits)
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115 - closed below; only opening may fail so
        size = os.fstat(stream.fileno()).st_size
    except OSError as error:
        raise Refused(
            f"cannot read {name}: {error.strerror}", hint="check the path and its permissions"
        ) from error
    with stream:
        yield Opened(name, stream, size, limits)
