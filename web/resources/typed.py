# SPDX-License-Identifier: Apache-2.0
"""Values as they are typed into a form, and back: one text for each value, in the node's zone.

The text of a value is always the same one, so two texts tell whether a value was changed. A
span of time is two texts with a slash between them; a span of days names its last day, where
the database keeps the day after.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import DATERANGE, Range

from poser.gtin import written
from poser.importing.kinds import FieldProblem, kind_of
from web.resources.fields import Field, Input
from web.resources.numbers import plain_number

BETWEEN = "/"
"""Stands between the two ends of a span."""

_GTIN = "gtin"
_ONE_DAY = timedelta(days=1)
_NUMBERS = frozenset({Input.WHOLE, Input.DECIMAL, Input.MONEY})


def typed(field: Field, value: Any, zone: ZoneInfo) -> str:  # noqa: ANN401 - of any column
    """Write a value of the database as it is typed; nothing is an empty text."""
    if value is None:
        return ""
    match field.input:
        case Input.TIME:
            return _local(value, zone)
        case Input.SPAN:
            return BETWEEN.join(_ends(field, value, zone))
    if field.name == _GTIN and isinstance(value, int):
        return written(value)
    write = _WRITTEN.get(field.input)
    return write(value) if write is not None else str(value)


def read_typed(field: Field, text: str, zone: ZoneInfo) -> object:
    """Read what was typed as the database keeps it. Raises FieldProblem with the reason."""
    plain = text.replace("\r\n", "\n")
    match field.input:
        case Input.TIME if plain.strip():
            return _moment(field, plain.strip(), zone)
        case Input.SPAN if plain.strip().strip(BETWEEN):
            return _span(field, plain.strip(), zone)
        case Input.SPAN:
            plain = ""
        case Input.LIST:
            plain = json.dumps([line.strip() for line in plain.split("\n") if line.strip()])
    if field.input in _NUMBERS:
        plain = plain_number(plain.strip())
    return field.read(plain)


def normal(field: Field, text: str, zone: ZoneInfo) -> str:
    """Write a text that was typed in the one way in which its value is written.

    A text that cannot be read stays as it is.
    """
    try:
        value = read_typed(field, text, zone)
        return again(field, value, zone)
    except FieldProblem:
        return text.strip()


def again(field: Field, value: object, zone: ZoneInfo) -> str:
    """Write a value as `read_typed` gives it; some kinds it gives as the text PostgreSQL takes."""
    if isinstance(value, str):
        match field.input:
            case Input.JSON:
                return typed(field, json.loads(value), zone) if value else ""
            case Input.SPAN:
                return typed(field, read_range(field, value), zone)
            case Input.LIST:
                return "\n".join(_items(value))
    return typed(field, value, zone)


def _local(value: datetime, zone: ZoneInfo) -> str:
    return value.astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds")


def _moment(field: Field, text: str, zone: ZoneInfo) -> datetime:
    """Read a time of the node's zone; one that clocks leave out when they change is refused."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise FieldProblem(field.name, text, "is not a time such as 2026-11-22 18:30") from None
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    found = at.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != at:
        raise FieldProblem(field.name, text, "does not exist: clocks are set forward then")
    return found


def _ends(field: Field, value: "Range[Any]", zone: ZoneInfo) -> tuple[str, str]:
    low, high = value.lower, value.upper
    if _has_days(field):
        first = low + _ONE_DAY if low and value.bounds[0] == "(" else low
        last = high - _ONE_DAY if high and value.bounds[1] == ")" else high
        return (first.isoformat() if first else "", last.isoformat() if last else "")
    return (_local(low, zone) if low else "", _local(high, zone) if high else "")


def _span(field: Field, text: str, zone: ZoneInfo) -> object:
    first, _, last = (part.strip() for part in text.partition(BETWEEN))
    if field.column is None:
        return text
    if _has_days(field):
        begins, ends = _day(field, first), _day(field, last)
        ends = ends + _ONE_DAY if isinstance(ends, date) else ""
    else:
        begins = _moment(field, first, zone) if first else ""
        ends = _moment(field, last, zone) if last else ""
    if begins and ends and begins >= ends:  # type: ignore[operator] # both days, or both times
        raise FieldProblem(field.name, text, "ends before it begins")
    return kind_of(field.column).read(f"[{begins},{ends})")


def _day(field: Field, text: str) -> "date | str":
    if not text:
        return ""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FieldProblem(field.name, text, "is not a day such as 2026-11-22") from None


def read_range(field: Field, text: str) -> "Range[Any]":
    """Read a range as PostgreSQL writes it, its end left out."""
    first, _, last = text[1:-1].replace('"', "").partition(",")
    read: Callable[[str], Any] = date.fromisoformat if _has_days(field) else datetime.fromisoformat
    return Range(read(first) if first else None, read(last) if last else None, bounds="[)")


def _items(text: str) -> list[str]:
    from psycopg2.extensions import STRINGARRAY  # noqa: PLC0415 - few forms have a list

    found: list[str] = STRINGARRAY(text, None)
    return found


def _has_days(field: Field) -> bool:
    return field.column is not None and isinstance(field.column.type, DATERANGE)


def _number(value: Decimal | int) -> str:
    """Write a number without needless zeros, and never as 1E+2."""
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_WRITTEN: dict[Input, Callable[[Any], str]] = {
    Input.FLAG: lambda value: "yes" if value else "no",
    Input.WHOLE: _number,
    Input.DECIMAL: _number,
    Input.MONEY: _number,
    Input.DATE: lambda value: str(value.isoformat()),
    Input.JSON: lambda value: json.dumps(value, indent=2, ensure_ascii=False),
    Input.LIST: lambda value: "\n".join(map(str, value)),
    Input.LONG_TEXT: lambda value: str(value).replace("\r\n", "\n").rstrip(),
    Input.FILE: str,
}
