# SPDX-License-Identifier: Apache-2.0
"""Numbers, amounts and times as people read them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from web.language import _, several

_CENT_PLACES = 2
_LEAD_DIGITS = 3
_ONE_DAY = timedelta(days=1)
_MIDNIGHT = " 00:00"


class Moment(NamedTuple):
    """A time as pages show it: `iso` for machines, `text` in the node's time zone."""

    iso: str
    text: str


def moment(at: datetime | None, zone: ZoneInfo) -> Moment | None:
    """Show an aware time to the minute, such as 2026-11-22 18:05, in `zone`."""
    if at is None:
        return None
    iso = at.astimezone(zone).isoformat(timespec="seconds")
    return Moment(iso, f"{iso[:10]} {iso[11:16]}")


def day(value: date | None) -> str:
    """Show a date, such as 2026-11-22."""
    return "" if value is None else value.isoformat()


def span(value: Any, zone: ZoneInfo) -> str:  # noqa: ANN401 - a range of days or of times
    """Show a span of days or times, such as "from 2026-11-22"; of days the last is in it."""
    if value is None or value.isempty:
        return ""
    first, last = _end(value.lower, zone), _end(value.upper, zone, is_last=value.bounds[1] == ")")
    if first and last:
        return _("{first} to {last}").format(first=first, last=last)
    if not first and not last:
        return _("always")
    return (_("from {day}") if first else _("to {day}")).format(day=first or last)


def _end(at: date | datetime | None, zone: ZoneInfo, *, is_last: bool = False) -> str:
    """Show one end of a span; the database keeps the day after the last one."""
    if isinstance(at, datetime):
        found = moment(at, zone)
        return found.text.removesuffix(_MIDNIGHT) if found else ""
    return day(at - _ONE_DAY if at and is_last else at)


def money(amount: Decimal | None) -> str:
    """Show an amount with cents, such as 1,234.50; a third decimal only if there is one."""
    if amount is None:
        return ""
    cents = round(amount, _CENT_PLACES)
    return f"{cents:,.2f}" if cents == amount else f"{amount.normalize():,f}"


def quantity(value: Decimal | int | None) -> str:
    """Show a quantity without needless zeros, such as 3 or 0.42."""
    return "" if value is None else f"{Decimal(value).normalize():,f}"


def count(number: int) -> str:
    """Show a whole number with its thousands apart, such as 1,000,000."""
    return f"{number:,}"


def about(number: int) -> str:
    """Show an estimate honestly: at most three digits that mean something."""
    spare = max(len(str(number)) - _LEAD_DIGITS, 0)
    return _("about {count}").format(count=count(round(number, -spare)))


def plural(number: int, one: str, many: str) -> str:
    """Say how many of something, such as "1 product" or "1,200 products"."""
    return f"{count(number)} {several(number, one, many)}"
