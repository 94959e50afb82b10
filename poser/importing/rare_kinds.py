# SPDX-License-Identifier: Apache-2.0
"""What the rarer kinds of columns take: spans of time, lists, JSON, addresses, bytes.

Their values are given as the text that PostgreSQL reads.
"""

import binascii
import ipaddress
import json
import re
from collections.abc import Callable, Sequence
from datetime import time
from typing import NoReturn

from psycopg2 import DataError
from psycopg2.extensions import STRINGARRAY
from sqlalchemy.dialects.postgresql import Range

Read = Callable[[object], object]

_RANGE = re.compile(r'([\[(])("?)([^",]*)\2,("?)([^",]*)\4([\])])')
_OPEN = frozenset(("", "-infinity", "infinity"))


def spans(read: Read) -> Read:
    """Make a reader of ranges whose ends `read` understands, such as [2026-01-01,2026-02-01)."""

    def span(value: object) -> str:
        text = _range_text(value)
        if text == "empty":
            raise ValueError("is an empty range")
        found = _RANGE.fullmatch(text)
        if found is None:
            raise ValueError("is not a range such as [2026-01-01,2026-02-01)")
        first, last = ("" if end in _OPEN else read(end) for end in (found[3], found[5]))
        if first and last and first > last:  # type: ignore[operator] # days or moments
            raise ValueError("is a range that ends before it begins")
        return f'{found[1]}"{first}","{last}"{found[6]}'.replace('""', "")

    return span


def lists(read: Read) -> Read:
    """Make a reader of lists: a list, or its text as JSON or as PostgreSQL writes it."""

    def several(value: object) -> str:
        items = [None if one is None else str(read(one)) for one in _items(value)]
        return "{" + ",".join(map(_array_item, items)) + "}"

    return several


def as_json(value: object) -> str:
    """Read a document: JSON text, or what was made of one."""
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_constant=_no_constant)
        except ValueError:
            raise ValueError("is not JSON") from None
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        raise ValueError("has a number that JSON does not know") from None
    if "\\u0000" in text or any("\ud800" <= each <= "\udfff" for each in text):
        raise ValueError("has a character that no text in the database can have")
    return text


def as_address(value: object) -> str:
    """Read an IP address, or a network."""
    try:
        return str(ipaddress.ip_interface(str(value).strip())).removesuffix("/32")
    except ValueError:
        raise ValueError("is not an IP address") from None


def as_bytes(value: object) -> str:
    r"""Read bytes: as they are, or as hexadecimal digits, which may begin with \x."""
    if isinstance(value, bytes | bytearray | memoryview):
        return f"\\x{bytes(value).hex()}"
    try:
        return f"\\x{binascii.unhexlify(str(value).strip().removeprefix(chr(92) + 'x')).hex()}"
    except (binascii.Error, ValueError):
        raise ValueError("is not an even number of hexadecimal digits") from None


def as_time(value: object) -> time:
    """Read a time of day, such as 18:30."""
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError("is not a time of day such as 18:30") from None


def as_float(value: object) -> float:
    """Read a number that need not be exact."""
    try:
        return float(str(value).strip())
    except ValueError:
        raise ValueError("is not a number such as 1234.56") from None


def _range_text(value: object) -> str:
    if isinstance(value, Range):
        if value.empty:
            return "empty"
        low, high = value.bounds
        first, last = ("" if end is None else end for end in (value.lower, value.upper))
        return f"{low}{first},{last}{high}"
    return str(value).strip()


def _items(value: object) -> Sequence[object]:
    if isinstance(value, list | tuple):
        return value
    text = str(value).strip()
    if text.startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            raise ValueError("is not a list in JSON") from None
        return list(found)
    try:
        listed: list[object] = STRINGARRAY(text, None)
    except DataError:
        raise ValueError('is not a list such as ["one", "two"]') from None
    return listed


def _array_item(item: str | None) -> str:
    if item is None:
        return "NULL"
    escaped = item.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
