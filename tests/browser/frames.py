# SPDX-License-Identifier: Apache-2.0
"""What a camera sees: barcodes drawn into frames of a film, for Chromium's camera of tests."""

import re
from collections.abc import Sequence
from pathlib import Path

from web.barcode import ean13

_WIDTH, _HEIGHT = 640, 480
_MODULE = 4  # pixels
_WHITE, _GREY, _BLACK = b"\xeb", b"\x80", b"\x10"
_PER_SECOND = 5


def film(path: Path, shown: Sequence[int | None], *, seconds_each: int = 3) -> Path:
    """Write a film, which Chromium repeats, that shows each number as EAN-13; None is a wall."""
    frames = b"".join(b"FRAME\n" + _frame(number) for number in shown for _ in _times(seconds_each))
    head = f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F{_PER_SECOND}:1 Ip A1:1 C420jpeg\n"
    path.write_bytes(head.encode() + frames)
    return path


def _times(seconds: int) -> range:
    return range(seconds * _PER_SECOND)


def _frame(number: int | None) -> bytes:
    """Draw one frame: brightness, line by line, then two planes without any colour."""
    wall = _GREY * _WIDTH
    lines = [wall] * _HEIGHT
    if number is not None:
        lines[120:360] = [_line(number)] * 240
    return b"".join(lines) + _GREY * (_WIDTH * _HEIGHT // 2)


def _line(number: int) -> bytes:
    picture = ean13(number)
    assert picture, f"{number} is no EAN-13"
    bars = {int(at) for at in re.findall(r"M(\d+)\.5", picture.path)}
    drawn = b"".join((_BLACK if at in bars else _WHITE) * _MODULE for at in range(picture.width))
    left = (_WIDTH - len(drawn)) // 2
    return _GREY * left + drawn + _GREY * (_WIDTH - left - len(drawn))
