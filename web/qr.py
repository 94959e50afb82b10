# SPDX-License-Identifier: Apache-2.0
"""QR codes as pictures, for the cameras of phones.

*Source:* ISO/IEC 18004: four modules of white on each side; level M mends 15 % of damage.
"""

from itertools import groupby
from typing import NamedTuple

_QUIET = 4
_MODULE = 4  # whole pixels, so that no screen blurs them


class Picture(NamedTuple):
    """A QR code to draw: its black modules as an SVG path, its width in modules and pixels."""

    path: str
    width: int
    pixels: int


def qr(text: str) -> Picture:
    """Draw a text."""
    import segno  # noqa: PLC0415 - few people need it, once

    code = segno.make_qr(text, error="m")
    rows = list(code.matrix_iter(border=_QUIET))
    path = "".join(_line(y, bytes(row)) for y, row in enumerate(rows))
    return Picture(path, len(rows), len(rows) * _MODULE)


def _line(y: int, row: bytes) -> str:
    """Write one line of modules: each run of black as one stroke."""
    path, x = "", 0
    for black, run in groupby(row):
        many = len(list(run))
        path += f"M{x} {y}.5h{many}" if black else ""
        x += many
    return path
