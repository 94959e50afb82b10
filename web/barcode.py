# SPDX-License-Identifier: Apache-2.0
"""Barcodes as pictures, so that a scanner can read a product from the screen.

*Source:* GS1 General Specifications, 5.2 (EAN/UPC symbology).
"""

from typing import NamedTuple

from poser.gtin import check_digit

_DIGITS = 13
_LEFT = (
    "0001101", "0011001", "0010011", "0111101", "0100011",
    "0110001", "0101111", "0111011", "0110111", "0001011",
)  # fmt: skip
_MIRRORED = (
    "LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG",
    "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL",
)  # fmt: skip
QUIET = 11
"""Modules of white that scanners need left of the bars; 7 on the right."""


class Picture(NamedTuple):
    """A barcode to draw: the bars as an SVG path in modules, one module high, and its width."""

    path: str
    width: int
    digits: str


def ean13(number: int) -> Picture | None:
    """Draw a GTIN of up to 13 digits with a right check digit; None for any other."""
    digits = str(number).zfill(_DIGITS)
    if len(digits) != _DIGITS or check_digit(digits[:-1]) != int(digits[-1]):
        return None
    sides = zip(_MIRRORED[int(digits[0])], digits[1:7], strict=True)
    left = "".join(_module(side, int(digit)) for side, digit in sides)
    right = "".join(_module("R", int(digit)) for digit in digits[7:])
    bars = f"101{left}01010{right}101"
    path = "".join(f"M{QUIET + at}.5 0v1" for at, bar in enumerate(bars) if bar == "1")
    return Picture(path=path, width=QUIET + len(bars) + 7, digits=digits)


def _module(side: str, digit: int) -> str:
    """Give the seven modules of a digit: left odd (L), left even (G) or right (R)."""
    left = _LEFT[digit]
    inverted = left.translate(str.maketrans("01", "10"))
    return {"L": left, "G": inverted[::-1], "R": inverted}[side]
