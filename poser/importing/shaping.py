# SPDX-License-Identifier: Apache-2.0
"""Readers for values that a source writes in its own way, for the `read` of a field.

    Field("price", "PREIS", read=number("1.234,56"))
    Field("born_on", "BIRTHDAY", read=day("MM/DD/YYYY"))
    Field("taken_at", "TIME", read=moment("America/Chicago"))

What the column's own kind reads is read as well, so a file may mix both; what is neither is
refused.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from poser.errors import ImportFailed
from poser.importing.kinds import as_day, as_moment

Read = Callable[[object], object]

_NUMBER_EXAMPLE = re.compile(r"\d{1,3}(?P<group>[.,' \u00a0\u202f])?\d{3}((?P<point>[.,])\d+)?")
_DAY_PATTERN = re.compile(r"(YYYY|MM|DD)([-./ ]?)(YYYY|MM|DD)\2(YYYY|MM|DD)")
_TOKENS = {"YYYY": r"(?P<year>\d{4})", "MM": r"(?P<month>\d{1,2})", "DD": r"(?P<day>\d{1,2})"}
_PACKED = {"YYYY": r"(?P<year>\d{4})", "MM": r"(?P<month>\d{2})", "DD": r"(?P<day>\d{2})"}
_CLOCK = r"[ T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(:(?P<second>\d{2}))?"


def number(example: str) -> Read:
    """Make a reader of numbers that are written as `example`, such as 1.234,56 or 1234,5."""
    found = _NUMBER_EXAMPLE.fullmatch(example)
    if found is None or found["group"] == found["point"]:
        raise ImportFailed(
            f"{example!r} does not show how numbers are written",
            hint="write one number over a thousand with decimals: 1,234.56 or 1.234,56 or 1234,56",
        )
    group, point = found["group"] or "", found["point"] or "."
    grouped = f"\\d{{1,3}}({re.escape(group)}\\d{{3}})+|" if group else ""
    pattern = re.compile(rf"[-+]?({grouped}\d+)({re.escape(point)}\d+)?", re.ASCII)

    def read(value: object) -> object:
        if not isinstance(value, str):
            return value
        text = value.strip()
        if not text:
            return None
        if not pattern.fullmatch(text):
            raise ValueError(f"is not a number such as {example}")
        return (text.replace(group, "") if group else text).replace(point, ".")

    return read


def day(*patterns: str) -> Read:
    """Make a reader of days that are written by one of some patterns, such as DD.MM.YYYY."""
    known = [_pattern(each) for each in patterns]

    def read(value: object) -> object:
        text = value.strip() if isinstance(value, str) else value
        if not isinstance(text, str) or not text:
            return text or None
        for pattern in known:
            if found := pattern.fullmatch(text):
                return _day(found)
        try:
            return as_day(text)
        except ValueError:
            raise ValueError(f"is not a day written as {' or '.join(patterns)}") from None

    return read


def moment(zone: str, *patterns: str) -> Read:
    """Make a reader of times that name no zone because they are all of one.

    `zone` is of the IANA database. A day alone is its midnight. A time that the clocks there
    skip is refused; of one that they show twice the first is taken.
    """
    known = [re.compile(f"{_pattern(each).pattern}({_CLOCK})?", re.ASCII) for each in patterns]
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImportFailed(
            f"there is no time zone {zone!r}", hint="such as America/Chicago or UTC"
        ) from error

    def read(value: object) -> object:
        text = value.strip() if isinstance(value, str) else value
        if text is None or text == "":
            return None
        found = None
        if isinstance(text, str):
            found = next(filter(None, (each.fullmatch(text) for each in known)), None)
        return as_moment(_placed(_time(found) if found else _parsed(text, patterns), place))

    return read


def one_of(words: Mapping[str, object]) -> Read:
    """Make a reader that puts one word for another, such as Y for true; others are refused."""

    def read(value: object) -> object:
        text = "" if value is None else str(value).strip()
        if text in words:
            return words[text]
        if not text:
            return None
        raise ValueError(f"is none of {', '.join(word for word in words if word)}")

    return read


def trimmed(value: object) -> object:
    """Take blanks off around a text."""
    return value.strip() if isinstance(value, str) else value


def _pattern(said: str) -> "re.Pattern[str]":
    found = _DAY_PATTERN.fullmatch(said.upper())
    if found is None or len({found[1], found[3], found[4]}) < len(_TOKENS):
        raise ImportFailed(
            f"{said!r} does not show how days are written",
            hint="YYYY, MM and DD in their order: DD.MM.YYYY or MM/DD/YYYY",
        )
    tokens = _TOKENS if found[2] else _PACKED
    between = re.escape(found[2])
    return re.compile(between.join(tokens[found[each]] for each in (1, 3, 4)), re.ASCII)


def _day(found: "re.Match[str]") -> date:
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        raise ValueError("is a day that there is not") from None


def _time(found: "re.Match[str]") -> datetime:
    at = _day(found)
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    try:
        return datetime(at.year, at.month, at.day, hour, minute, second)  # noqa: DTZ001 - gets its zone next
    except ValueError:
        raise ValueError("is a time that there is not") from None


def _parsed(value: object, patterns: tuple[str, ...]) -> object:
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        known = " or ".join((*patterns, "YYYY-MM-DD"))
        raise ValueError(f"is not a time written as {known} HH:MM") from None


def _placed(value: object, place: ZoneInfo) -> object:
    """Give a time that names no zone that of its place."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - gets its zone next
    if not isinstance(value, datetime) or value.tzinfo is not None:
        return value
    there = value.replace(tzinfo=place)
    if there.astimezone(UTC).astimezone(place).replace(tzinfo=None) != value:
        raise ValueError(f"is a time that the clocks of {place.key} skip")
    return there
