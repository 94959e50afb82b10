# SPDX-License-Identifier: Apache-2.0
"""Which product an item code of a till stands for."""

import re
from dataclasses import dataclass

from poser import gtin

_BARCODE_TYPES = re.compile(r"gtin|upc|ean|jan|isbn", re.IGNORECASE)
_LENGTHS_OF_NO_TYPE = (8, 12, 13, 14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """How a code was understood: as a GTIN, with its PLU if it is one, or as mere text."""

    gtin: int | None = None
    plu: int | None = None
    problem: str = ""


def understand(code: str, kind: str) -> Code:
    """Understand an item code; `kind` is what the till calls it (POSIDType), if anything.

    Tills write a PLU with a check digit behind it, or without, or say plainly PLU. A
    price or weight inside a store-made number is left out. A code that is said to be a
    barcode and is none comes back with a `problem`.
    """
    if not (code.isascii() and code.isdigit() and int(code) > 0):
        return Code(problem="has more than digits" if _BARCODE_TYPES.search(kind) else "")
    is_barcode = bool(_BARCODE_TYPES.search(kind))
    is_short = int(code) < 10**gtin.PLU_DIGITS
    if is_short and (kind.lower() == "plu" or (is_barcode and not gtin.is_valid(code))):
        return Code(gtin=gtin.with_check_digit(str(int(code))), plu=int(code))
    if not is_barcode and len(code) not in _LENGTHS_OF_NO_TYPE:
        return Code()
    if not gtin.is_valid(code):
        return Code(problem=_wrong(code) if is_barcode else "")
    number = int(code)
    if gtin.is_random_weight(number):
        number = gtin.without_measure(number)
    return Code(gtin=number, plu=gtin.plu_of(number))


def _wrong(code: str) -> str:
    if len(code) > gtin.DIGITS:
        return f"has {len(code)} digits; a GTIN has at most {gtin.DIGITS}"
    return f"its check digit should be {gtin.check_digit(code[:-1])}, not {code[-1]}"
