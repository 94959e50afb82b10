# SPDX-License-Identifier: Apache-2.0
"""Values of fields in JSON: numbers with decimals are texts, so that no program rounds them."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import DATERANGE, Range

from poser.importing.kinds import FieldProblem
from web.resources.fields import Field, Input
from web.resources.typed import BETWEEN, read_typed

_UTC = ZoneInfo("UTC")
_DAY = timedelta(days=1)
_ENDS = frozenset({"from", "until"})


def as_json(value: object) -> object:
    """Write a value of the database as JSON has it."""
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Range():
            return {"from": as_json(value.lower), "until": as_json(value.upper)}
    return value


def from_json(field: Field, value: object) -> object:
    """Read a value of JSON as the database keeps it. Raises FieldProblem with the reason."""
    if value is None:
        if field.takes_none:
            return None
        raise FieldProblem(field.name, "null", "may not be null")
    said = json.dumps(value, default=str)[:100]
    fits, words = _FITS.get(field.input, (_is_text, "a text"))
    if not fits(value):
        raise FieldProblem(field.name, said, f"is not {words}")
    return read_typed(field, _typed(field, value), _UTC)


def _typed(field: Field, value: Any) -> str:  # noqa: ANN401 - straight from JSON
    """Write a value as it would be typed into a form, where it is read as everything else."""
    match field.input:
        case Input.FLAG:
            return "yes" if value else "no"
        case Input.JSON:
            return json.dumps(value, default=str)
        case Input.LIST:
            return "\n".join(value)
        case Input.SPAN:
            return _span(field, value)
    return str(value)


def _span(field: Field, value: Mapping[str, str | None]) -> str:
    """Write a span as typed: of days, forms name the last one, and the API the day after."""
    begins, until = value.get("from") or "", value.get("until") or ""
    if until and field.column is not None and isinstance(field.column.type, DATERANGE):
        try:
            until = (date.fromisoformat(until) - _DAY).isoformat()
        except (ValueError, OverflowError):
            raise FieldProblem(field.name, until, "is not a day such as 2026-11-22") from None
    return begins + BETWEEN + until


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return _is_whole(value) or isinstance(value, str | Decimal)


def _is_span(value: object) -> bool:
    if not isinstance(value, dict) or not set(value) <= _ENDS:
        return False
    return all(end is None or isinstance(end, str) for end in value.values())


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_FITS: Mapping[Input, tuple[Callable[[object], bool], str]] = {
    Input.FLAG: (lambda value: isinstance(value, bool), "true or false"),
    Input.WHOLE: (_is_whole, "a whole number"),
    Input.DECIMAL: (_is_number, 'a number, best as a text such as "12.50"'),
    Input.MONEY: (_is_number, 'a number, best as a text such as "12.50"'),
    Input.SPAN: (_is_span, 'a span such as {"from": "2026-11-22", "until": null}'),
    Input.LIST: (_is_list, "a list of texts"),
    Input.JSON: (lambda _value: True, ""),
}
