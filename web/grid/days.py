# SPDX-License-Identifier: Apache-2.0
"""Days as people ask for them: a date, a word such as yesterday, or a span such as last week."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from web.language import mark

_PLACE = re.compile(r"today([+-]\d{1,5})")
_SOME_DAYS = re.compile(r"(last|next)_(\d{1,5})_days")
_HINT = mark("Write year-month-day, such as 2026-11-22, or a word such as today or today-7.")
_MONTHS = 12


class Span(NamedTuple):
    """Days from the first to the last, both included."""

    first: date
    last: date


class NoDay(ValueError):  # noqa: N818 - what it is
    """A text is no day or span; `hint` says what is."""

    hint = _HINT


def day_of(text: str, today: date) -> date:
    """Read a date, or today, yesterday, tomorrow, today-7, today+30. Raises NoDay."""
    words = {"today": 0, "yesterday": -1, "tomorrow": 1}
    try:
        if text in words:
            return today + timedelta(days=words[text])
        if found := _PLACE.fullmatch(text):
            return today + timedelta(days=int(found[1]))
        return date.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise NoDay(text) from error


def span_of(word: str, today: date) -> Span:
    """Read a span such as this_month or last_7_days, which ends today. Raises NoDay."""
    try:
        if word in _SPANS:
            return _SPANS[word](today)
        if found := _SOME_DAYS.fullmatch(word):
            days = timedelta(days=int(found[2]) - 1)
            return Span(today - days, today) if found[1] == "last" else Span(today, today + days)
    except (ValueError, OverflowError) as error:
        raise NoDay(word) from error
    raise NoDay(word)


def _day(offset: int) -> Callable[[date], Span]:
    return lambda today: Span(*[today + timedelta(days=offset)] * 2)


def _week(offset: int) -> Callable[[date], Span]:
    def span(today: date) -> Span:
        monday = today + timedelta(days=7 * offset - today.weekday())
        return Span(monday, monday + timedelta(days=6))

    return span


def _months(first: date, count: int) -> date:
    """Give the first day of the month so many months later."""
    month = first.year * _MONTHS + first.month - 1 + count
    return date(month // _MONTHS, month % _MONTHS + 1, 1)


def _month(offset: int, length: int = 1) -> Callable[[date], Span]:
    """Make a span of months that begin together: 1, 3 (quarters) or 12 (years) of them."""

    def span(today: date) -> Span:
        start = today.replace(month=(today.month - 1) // length * length + 1, day=1)
        first = _months(start, offset * length)
        return Span(first, _months(first, length) - timedelta(days=1))

    return span


_SPANS: Mapping[str, Callable[[date], Span]] = {
    "today": _day(0),
    "yesterday": _day(-1),
    "tomorrow": _day(1),
    "this_week": _week(0),
    "last_week": _week(-1),
    "next_week": _week(1),
    "this_month": _month(0),
    "last_month": _month(-1),
    "next_month": _month(1),
    "this_quarter": _month(0, 3),
    "last_quarter": _month(-1, 3),
    "this_year": _month(0, 12),
    "last_year": _month(-1, 12),
}

SPANS: Mapping[str, str] = {
    "today": mark("today"),
    "yesterday": mark("yesterday"),
    "tomorrow": mark("tomorrow"),
    "last_7_days": mark("the last 7 days"),
    "last_30_days": mark("the last 30 days"),
    "last_90_days": mark("the last 90 days"),
    "next_7_days": mark("the next 7 days"),
    "this_week": mark("this week"),
    "last_week": mark("last week"),
    "next_week": mark("next week"),
    "this_month": mark("this month"),
    "last_month": mark("last month"),
    "next_month": mark("next month"),
    "this_quarter": mark("this quarter"),
    "last_quarter": mark("last quarter"),
    "this_year": mark("this year"),
    "last_year": mark("last year"),
}
"""The spans that are offered, in people's words."""
