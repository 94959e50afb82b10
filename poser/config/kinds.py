# SPDX-License-Identifier: Apache-2.0
"""What a setting can be: how each type is written in a file, and how it is read again."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

_YES_NO = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_SECONDS = {"d": 86_400.0, "h": 3_600.0, "min": 60.0, "s": 1.0, "ms": 0.001}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(d|h|min|s|ms)\b\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How values of one type are written.

    `name` stands in the documentation. `parse` raises ValueError with the words that
    complete "must be"; `text` writes a value so that `parse` gives the same again.
    """

    name: str
    parse: Callable[[str], Any]
    text: Callable[[Any], str] = str


def kind_of(type_: Any) -> Kind:  # noqa: ANN401 - a type, or what `tuple[str, ...]` gives
    """Return how values of `type_` are written. Raises ValueError for a type without a way."""
    if isinstance(type_, type) and issubclass(type_, StrEnum):
        return _one_of(type_)
    try:
        return _KINDS[type_]
    except KeyError:
        raise ValueError(f"a setting cannot be a {type_}") from None


def class_of(type_: Any) -> type:  # noqa: ANN401 - a type, or what `tuple[str, ...]` gives
    """Return the class whose instances are values of `type_`."""
    return cast("type", getattr(type_, "__origin__", type_))


def _yes_no(text: str) -> bool:
    try:
        return _YES_NO[text.lower()]
    except KeyError:
        raise ValueError("yes or no") from None


def _whole_number(text: str) -> int:
    # int() alone would take 1_000 and the digits of other scripts.
    if not re.fullmatch(r"[+-]?[0-9]{1,300}", text):
        raise ValueError("a whole number")
    return int(text)


def _number(text: str) -> float:
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        raise ValueError("a number")
    value = float(text)
    if math.isinf(value):
        raise ValueError("a number that is not that large")
    return value


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("a date such as 2026-12-31") from None


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        # KeyError is ZoneInfoNotFoundError; the others come of names such as ../x or a folder.
        raise ValueError(
            "a time zone such as Europe/Berlin (`timedatectl list-timezones` names them)"
        ) from None


def _list(text: str) -> tuple[str, ...]:
    return tuple(word for one in re.split(r"[,\n]", text) if (word := one.strip()))


def _span(text: str) -> timedelta:
    seconds, end = 0.0, 0
    for part in _SPAN.finditer(text):
        if part.start() != end:
            break
        seconds, end = seconds + float(part[1]) * _SECONDS[part[2]], part.end()
    if not end or end != len(text):
        raise ValueError("a length of time such as 90 s, 5 min or 1 h 30 min")
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError("a length of time below 999999999 d") from None


def span_text(span: timedelta) -> str:
    """Write a length of time as in `1 h 30 min`; zero is `0 s`."""
    left_ms, words = round(span.total_seconds() * 1000), []
    for unit, seconds in _SECONDS.items():
        number, left_ms = divmod(left_ms, round(seconds * 1000))
        if number:
            words.append(f"{number} {unit}")
    return " ".join(words) or "0 s"


def _one_of(enum: type[StrEnum]) -> Kind:
    words = ", ".join(member.value for member in enum)

    def parse(text: str) -> Enum:
        try:
            return enum(text)
        except ValueError:
            raise ValueError(f"one of {words}") from None

    return Kind(name=f"one of {words}", parse=parse, text=lambda value: str(value.value))


_KINDS: dict[Any, Kind] = {
    str: Kind(name="text", parse=str),
    int: Kind(name="whole number", parse=_whole_number),
    float: Kind(name="number", parse=_number),
    bool: Kind(name="yes or no", parse=_yes_no, text=lambda value: "yes" if value else "no"),
    Path: Kind(name="path", parse=Path),
    date: Kind(name="date", parse=_date, text=date.isoformat),
    timedelta: Kind(name="length of time", parse=_span, text=span_text),
    ZoneInfo: Kind(name="time zone", parse=_zone, text=lambda value: str(value.key)),
    tuple[str, ...]: Kind(name="list", parse=_list, text=", ".join),
}
