# SPDX-License-Identifier: Apache-2.0
"""Reading one value out of a POSLog element, or saying exactly what is wrong with it."""

import re
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from poser.importing.poslog.xml import Element

LONGEST = 200  # of any text; what is longer would not fit an index either
_NUMBER = re.compile(r"[-+]?\d{1,9}(\.\d{1,9})?")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(T.*|Z|[-+]\d{2}:\d{2})?")
_TRUE, _FALSE = {"true", "1"}, {"false", "0", ""}
_EARLIEST, _LATEST = 1970, 2199

MONEY, PRICE, QUANTITY = 3, 4, 4
"""Decimal places that are kept of each kind of number; more are refused, not rounded."""


class FieldError(ValueError):
    """A field of an entry is missing or wrong; the entry cannot be used."""

    def __init__(self, field: str, value: str, reason: str, at: Element) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.value = value[:LONGEST]
        self.reason = reason
        self.at = at


def text(element: Element, *paths: str) -> str:
    """Read the first of `paths` that is there and not empty; "" without any."""
    for path in paths:
        found = element.find(path)
        if found is not None and found.text:
            if len(found.text) > LONGEST:
                reason = f"is longer than {LONGEST} characters"
                raise FieldError(_name(element, path), found.text, reason, found)
            return found.text
    return ""


def required(element: Element, *paths: str) -> str:
    """Read a text that has to be there."""
    found = text(element, *paths)
    if not found:
        raise FieldError(_name(element, " or ".join(paths)), "", "is missing", element)
    return found


def attribute(element: Element | None, *names: str) -> str:
    """Read the first attribute that is there; "" without any."""
    if element is not None:
        for name in names:
            if value := element.attributes.get(name, "").strip():
                if len(value) > LONGEST:
                    reason = f"is longer than {LONGEST} characters"
                    raise FieldError(f"{element.tag}/@{name}", value, reason, element)
                return value
    return ""


def flag(element: Element | None, *names: str) -> bool:
    """Read a yes-or-no attribute; no without it."""
    value = attribute(element, *names).lower()
    if element is None or value in _FALSE:
        return False
    if value in _TRUE:
        return True
    raise FieldError(f"{element.tag}/@{names[0]}", value, "is neither true nor false", element)


def as_number(element: Element, name: str, *, places: int) -> Decimal:
    """Read the text of an element as a number with at most `places` decimals."""
    if not _NUMBER.fullmatch(element.text):
        raise FieldError(name, element.text, "is not a number such as 12.34", element)
    value = Decimal(element.text)
    if value != round(value, places):
        reason = f"has more than {places} decimal places"
        raise FieldError(name, element.text, reason, element)
    return round(value, places)


def number(element: Element, *paths: str, places: int) -> Decimal | None:
    """Read a number with at most `places` decimals; None if it is not there."""
    for path in paths:
        found = element.find(path)
        if found is not None and found.text:
            return as_number(found, _name(element, path), places=places)
    return None


def required_number(element: Element, *paths: str, places: int) -> Decimal:
    """Read a number that has to be there."""
    value = number(element, *paths, places=places)
    if value is None:
        raise FieldError(_name(element, " or ".join(paths)), "", "is missing", element)
    return value


def day(element: Element, *paths: str) -> date:
    """Read a date that has to be there; a time behind it is left out."""
    found = required(element, *paths)
    match = _DATE.fullmatch(found)
    try:
        value = date.fromisoformat(match[1] if match else found)
    except ValueError:
        reason = "is not a date such as 2026-11-22"
        raise FieldError(_name(element, paths[0]), found, reason, element) from None
    _check_year(value.year, element, paths[0], found)
    return value


def instant(element: Element, *paths: str, zone: tzinfo) -> datetime | None:
    """Read a time as UTC, None if it is not there; one without a zone is of `zone`."""
    found = text(element, *paths)
    if not found:
        return None
    try:
        value = datetime.fromisoformat(found)
    except ValueError:
        value = None
    if value is None or "T" not in found:
        reason = "is not a time such as 2026-11-22T18:30:00"
        raise FieldError(_name(element, paths[0]), found, reason, element)
    _check_year(value.year, element, paths[0], found)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _check_year(year: int, element: Element, path: str, value: str) -> None:
    if not _EARLIEST <= year <= _LATEST:
        reason = f"is not between {_EARLIEST} and {_LATEST}"
        raise FieldError(_name(element, path), value, reason, element)


def _name(element: Element, path: str) -> str:
    return path if element.tag == "Transaction" else f"{element.tag}/{path}"
