# SPDX-License-Identifier: Apache-2.0
"""Numbers, amounts and times as people read them."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from web.language import _, several

_CENT_PLACES = 2
_LEAD_DIGITS = 3


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
