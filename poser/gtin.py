# SPDX-License-Identifier: Apache-2.0
"""Barcode numbers: GTINs with their check digits, PLU codes, and what a scan may mean.

A GTIN is kept as a number; written out it has 14 digits, zeros in front (GTIN-8, UPC-A,
EAN-13 and GTIN-14 are one space of numbers that way). Tills keep loose goods in the same
space: a PLU of up to 5 digits with a check digit behind it.

*Source:* GS1 General Specifications: 7.9 (check digit), 7.10 (UPC-E), 1.4 and 2.1.11
(restricted circulation numbers); IFPS PLU codes user's guide (4 and 5 digit codes).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from poser.errors import PoserError

DIGITS = 14
LENGTHS = (8, 12, 13, 14)
PLU_DIGITS = 5
_MEASURE = 10**6  # five digits of price or weight, and the check digit behind them
_UPC_E_SHORT, _UPC_E_FULL = 6, 8
_SEPARATORS = str.maketrans("", "", " -\t")
# A GS1 element string `(01)`, a digital link `/01/`, or a scanner's bare 01 with 14 digits.
_ELEMENT = re.compile(r"(?:\(01\)|/01/)(\d{8,14})(?!\d)|^(?:\][A-Za-z]\d)?01(\d{14})")


class GtinError(PoserError, ValueError):
    """A text is not a GTIN; the message says why."""


class CodeKind(StrEnum):
    """Where a code is to be looked for."""

    GTIN = "gtin"
    PLU = "plu"
    CODE = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One thing that a scanned or typed text may mean.

    `value` is the number for a GTIN or PLU and the text for other codes; `why` says how
    the text was read, for people. `measure` is what a label made in the store has in it
    beside the product: a price in hundredths or a weight, as the store agreed, and in some
    the first of its five digits is a check digit of the price.
    """

    kind: CodeKind
    value: int | str
    why: str
    measure: int | None = None


def check_digit(body: str) -> int:
    """Compute the check digit that belongs behind `body` (digits without it)."""
    odd_from_right = sum(int(digit) for digit in body[::-2])
    even_from_right = sum(int(digit) for digit in body[-2::-2])
    return -(3 * odd_from_right + even_from_right) % 10


def with_check_digit(body: str) -> int:
    """Put the check digit behind `body` and return the whole as a number."""
    return int(body) * 10 + check_digit(body)


def is_valid(digits: str) -> bool:
    """Tell whether the last of up to 14 digits is the right check digit."""
    return (
        digits.isascii()
        and digits.isdigit()
        and 1 < len(digits) <= DIGITS
        and int(digits) > 0
        and check_digit(digits[:-1]) == int(digits[-1])
    )


def parse(text: str) -> int:
    """Read a whole GTIN of 8, 12, 13 or 14 digits; blanks and hyphens may divide it.

    Raises GtinError, saying which check digit was expected.
    """
    digits = text.translate(_SEPARATORS)
    if not (digits.isascii() and digits.isdigit()):
        raise GtinError(f"{text!r} is not a GTIN: it has more than digits")
    if len(digits) not in LENGTHS:
        raise GtinError(
            f"{text!r} is not a GTIN: {len(digits)} digits",
            hint="a GTIN has 8, 12, 13 or 14 digits with its check digit",
        )
    if int(digits) == 0:
        raise GtinError(f"{text!r} is not a GTIN: only zeros")
    expected = check_digit(digits[:-1])
    if expected != int(digits[-1]):
        raise GtinError(
            f"{text!r} is not a GTIN: its check digit should be {expected}, not {digits[-1]}",
            hint="scan it again, or compare it with the printed number",
        )
    return int(digits)


def written(number: int) -> str:
    """Write a GTIN as on the package: with 8, 12, 13 or 14 digits, the fewest that do."""
    return str(number).zfill(next(length for length in LENGTHS if number < 10**length))


def written_14(number: int) -> str:
    """Write a GTIN with all its 14 digits."""
    return str(number).zfill(DIGITS)


def plu_of(number: int) -> int | None:
    """Return the PLU inside a till's number for loose goods (PLU and check digit), or None."""
    plu = number // 10
    return plu if 0 < plu < 10**PLU_DIGITS else None


def is_random_weight(number: int) -> bool:
    """Tell whether the number is made in the store with a price or weight inside it.

    These are UPC-A numbers that begin with 2 and EAN-13 numbers that begin with 20 to 29.
    """
    return number // 10**11 == 2 or number // 10**12 == 2  # noqa: PLR2004 - the GS1 prefix


def without_measure(number: int) -> int:
    """Return the number with zeros for the price or weight: the one the product is kept by."""
    return with_check_digit(str(number // _MEASURE) + "00000")


def expand_upc_e(digits: str) -> int | None:
    """Expand a UPC-E of 6 digits, or of 8 with number system 0 and check digit, to its UPC-A.

    Returns None for a text that is no UPC-E, whose check digit is wrong, or which stands for no
    number but zeros, as 000003 does.
    """
    if len(digits) == _UPC_E_FULL and digits[0] == "0":
        short = digits[1:7]
    elif len(digits) == _UPC_E_SHORT:
        short = digits
    else:
        return None
    body, last = short[:5], short[5]
    if last in "012":
        number = f"0{body[:2]}{last}0000{body[2:]}"
    elif last == "3":
        number = f"0{body[:3]}00000{body[3:]}"
    elif last == "4":
        number = f"0{body[:4]}00000{body[4]}"
    else:
        number = f"0{body}0000{last}"
    if len(digits) == _UPC_E_FULL and check_digit(number) != int(digits[-1]):
        return None
    return with_check_digit(number) if int(number) else None


def candidates(text: str) -> list[Lookup]:
    """List what a scanned or typed text may mean, the likeliest first, each once.

    Never raises: a text that is no number at all is looked up as a code.
    """
    found: dict[tuple[CodeKind, int | str], Lookup] = {}
    for lookup in _readings(text.strip()):
        found.setdefault((lookup.kind, lookup.value), lookup)
    return list(found.values())


def _readings(text: str) -> Iterator[Lookup]:
    if not text:
        return
    if match := _ELEMENT.search(text):
        digits = match[1] or match[2]
        if is_valid(digits):
            yield from _numbers(int(digits), "GS1 element 01")
    digits = text.translate(_SEPARATORS)
    if digits.isascii() and digits.isdigit() and len(digits) <= DIGITS and int(digits):
        yield from _digit_readings(digits)
    yield Lookup(kind=CodeKind.CODE, value=text, why="code as written")


def _digit_readings(digits: str) -> Iterator[Lookup]:
    if int(digits) < 10**PLU_DIGITS:
        yield Lookup(kind=CodeKind.PLU, value=int(digits), why="PLU")
    if is_valid(digits):
        yield from _numbers(int(digits), f"{len(digits)} digits with check digit")
    if (upc_a := expand_upc_e(digits)) is not None:
        yield from _numbers(upc_a, "UPC-E")
    # A whole barcode is taken at its word: behind its check digit there is no other.
    if len(digits) < DIGITS and not (len(digits) in LENGTHS and is_valid(digits)):
        yield from _numbers(with_check_digit(digits), f"{len(digits)} digits, check digit added")
    if digits != digits.zfill(DIGITS):
        yield Lookup(kind=CodeKind.CODE, value=digits.zfill(DIGITS), why="code of 14 digits")


def _numbers(number: int, why: str) -> Iterator[Lookup]:
    yield Lookup(kind=CodeKind.GTIN, value=number, why=why)
    yield Lookup(kind=CodeKind.CODE, value=written_14(number), why=f"{why}, as another code")
    if is_random_weight(number) and without_measure(number) != number:
        kept = without_measure(number)
        why = f"{why}, price or weight left out"
        measure = number % _MEASURE // 10
        yield Lookup(kind=CodeKind.GTIN, value=kept, why=why, measure=measure)
