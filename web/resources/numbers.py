# SPDX-License-Identifier: Apache-2.0
"""Numbers as people type them: separators are understood where they can mean one thing only."""

import re

_GROUPS = r"[-+]?\d{1,3}"
_POINT_LAST = re.compile(_GROUPS + r"(,\d{3})+\.\d+", re.ASCII)
_COMMA_LAST = re.compile(_GROUPS + r"(\.\d{3})+,\d+", re.ASCII)
_COMMAS_ONLY = re.compile(_GROUPS + r"(,\d{3}){2,}", re.ASCII)
_BLANKS = re.compile(_GROUPS + r"([ '\u00a0\u202f]\d{3})+([.,]\d+)?", re.ASCII)
_COMMA = re.compile(r"[-+]?\d*,(\d{1,2}|\d{4,})", re.ASCII)


def plain_number(text: str) -> str:
    """Write a number with a point and no separators: 1.234,50 and 1,234.50 are 1234.50.

    What could be two numbers, such as 1,234, stays as it is, and is refused by who reads it.
    """
    if _POINT_LAST.fullmatch(text) or _COMMAS_ONLY.fullmatch(text):
        return text.replace(",", "")
    if _COMMA_LAST.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if _BLANKS.fullmatch(text):
        text = re.sub(r"[ '\u00a0\u202f]", "", text)
        return text.replace(",", ".")
    return text.replace(",", ".") if _COMMA.fullmatch(text) else text
