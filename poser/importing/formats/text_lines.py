# SPDX-License-Identifier: Apache-2.0
"""The lines of a text file with their numbers, many at a time, in flat memory.

What is no text in the file's encoding is given as bad lines; those around it are kept.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from poser.importing.formats.encoding import Encoding
from poser.importing.source import Bad

LONGEST_LINE = 16 * 1024 * 1024
_SHOWN = 80


class Lines(NamedTuple):
    """Some lines without their ends, and the number of the first; others follow it."""

    first: int
    texts: list[str]


def text_lines(pieces: Iterable[bytes], encoding: Encoding, end: bytes) -> Iterator[Lines | Bad]:
    """Cut pieces of a file into lines, which end with `end`, a line feed or a carriage return."""
    number, rest = 1, b""
    skipping = False
    for piece in pieces:
        cut = piece.rfind(end) + 1
        if not cut:
            rest += piece
            if len(rest) > LONGEST_LINE:
                rest = b""
                skipping = True
            continue
        block, rest = rest + piece[:cut], piece[cut:]
        if skipping:
            yield Bad(number, f"the line is longer than {LONGEST_LINE // 1024 // 1024} MiB")
            number += 1
            block = block.partition(end)[2]
            skipping = False
        for each in _decoded(block, number, encoding, end):
            yield each
            number = each.first + len(each.texts) if isinstance(each, Lines) else number + 1
    if skipping:
        yield Bad(number, f"the line is longer than {LONGEST_LINE // 1024 // 1024} MiB")
    elif rest:
        yield from _decoded(rest + end, number, encoding, end)


def _decoded(block: bytes, number: int, encoding: Encoding, end: bytes) -> Iterator[Lines | Bad]:
    """Decode whole lines at once; one by one where that fails."""
    if not block:
        return
    separator = end.decode("ascii")
    try:
        yield Lines(number, block.decode(encoding.name).split(separator)[:-1])
    except UnicodeDecodeError:
        yield from _one_by_one(block.split(end)[:-1], number, encoding)


def _one_by_one(lines: list[bytes], number: int, encoding: Encoding) -> Iterator[Lines | Bad]:
    good: list[str] = []
    for place, line in enumerate(lines, start=number):
        try:
            good.append(line.decode(encoding.name))
        except UnicodeDecodeError as error:
            if good:
                yield Lines(place - len(good), good)
                good = []
            byte = line[error.start]
            around = line[max(error.start - 20, 0) : error.start + 20]
            yield Bad(
                place,
                f"is not {encoding.name}: the byte 0x{byte:02X} at {error.start + 1}",
                value=around.decode("ascii", "backslashreplace")[:_SHOWN],
            )
    if good:
        yield Lines(number + len(lines) - len(good), good)
