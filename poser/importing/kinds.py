# SPDX-License-Identifier: Apache-2.0
"""What each kind of column takes: numbers, days, moments and texts, or a reason why not.

A kind reads what a source has, whatever type that came in, and gives the value as the
database keeps it. Nothing is guessed: `1,234` may be two numbers and `01/02/2026` two days, so
both are refused; `poser.importing.shaping` has readers for files that write them so.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Time,
    Uuid,
)
from sqlalchemy.dialects.postgresql import DATERANGE, INET, TSTZRANGE

from poser.errors import ImportFailed, PoserError
from poser.importing import rare_kinds as rare

LONGEST = 1024 * 1024
"""How many characters one value may have."""

SHOWN = 200
"""How many characters of a wrong value are kept with the refusal."""

_DIGITS_OF_A_FLOAT = ".15g"  # what spreadsheets show; more is noise of binary fractions
_YES = frozenset(("true", "t", "yes", "y", "on", "1"))
_NO = frozenset(("false", "f", "no", "n", "off", "0"))
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_SEPARATED = re.compile(r"[-+]?\d{1,3}([.,' \u00a0\u202f]\d{3})+([.,]\d+)?|[-+]?\d+,\d+", re.ASCII)
_UNFIT = re.compile("[\0\ud800-\udfff]")
# Days after the 28th and years far off are read by Python, which knows the calendar.
_DAY = r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[-+](?:0\d|1[0-4]):[0-5]\d)"
_HEX = "[0-9a-f]"


class FieldProblem(PoserError, ValueError):  # noqa: N818 - a record is refused, nothing failed
    """One value of a record cannot be used: which field, what it has, and why not."""

    def __init__(self, field: str, value: object, reason: str) -> None:
        shown = "" if value is None else fit(str(value)[:SHOWN])
        super().__init__(f"{field} {shown!r}: {reason}" if field else reason)
        self.field = field
        self.value = shown
        self.reason = reason


def fit(text: str) -> str:
    """Put a mark for each character that no text in the database can have."""
    return _UNFIT.sub("\ufffd", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What one kind of column takes.

    `read` gets what the source has, never None or an empty text, and returns the value; it
    raises ValueError with the reason. `plain` is a pattern of the texts that mean the same to
    the database as they stand, without a tab, a line break or a backslash in them: they need
    no reading on their way into a COPY.
    """

    read: Callable[[object], object]
    plain: str = ""


def kind_of(column: "Column[Any]") -> Kind:
    """Give the kind of a column of a model. Raises ImportFailed for a type unknown here."""
    for known, made in _KINDS.items():
        if isinstance(column.type, known):
            return made(column)
    raise ImportFailed(
        f"{column.table.name}.{column.name} is of type {column.type}, which no importer reads",
        hint="leave the field out",
    )


def as_text(value: object) -> str:
    """Read a text. A whole number is written without a point, as people see it in a sheet."""
    if isinstance(value, str):
        if len(value) > LONGEST:
            raise ValueError(f"is longer than {LONGEST:,} characters")
        if found := _UNFIT.search(value):
            what = "a NUL character" if found[0] == "\0" else "half a character (a surrogate)"
            raise ValueError(f"has {what}, which no text in the database can have")
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        value = as_decimal(value)
    if isinstance(value, int | Decimal | UUID):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, date):  # a moment is one, too
        return value.isoformat()
    raise ValueError(f"is {_named(value)}, not a text")


def as_decimal(value: object) -> Decimal:
    """Read a number of any size: 1234.56, never 1,234.56."""
    if isinstance(value, float):
        value = Decimal(format(value, _DIGITS_OF_A_FLOAT))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
        if not number.is_finite():
            raise ValueError("is not a number such as 1234.56")
        return number
    if not isinstance(value, str):
        raise ValueError(f"is {_named(value)}, not a number")  # noqa: TRY004 - data, not a program
    text = value.strip()
    if _NUMBER.fullmatch(text) and len(text) <= SHOWN:
        return Decimal(text)
    if _SEPARATED.fullmatch(text):
        raise ValueError("has separators, which mean different numbers in different countries")
    raise ValueError("is not a number such as 1234.56")


def as_day(value: object) -> date:
    """Read a day: 2026-11-22, also with a time of midnight, as spreadsheets have it."""
    if isinstance(value, str):
        text = value.strip()
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"is not a day such as 2026-11-22{_maybe(text)}") from None
    if isinstance(value, datetime):
        if value.time().replace(tzinfo=None) != datetime.min.time():
            raise ValueError("has a time, where a day is wanted")
        return value.date()
    if isinstance(value, date):
        return value
    raise ValueError(f"is {_named(value)}, not a day")


def as_moment(value: object) -> datetime:
    """Read a moment with its time zone, and give it in UTC: 2026-11-22T18:30:00-06:00."""
    if isinstance(value, str):
        text = value.strip()
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            wanted = "2026-11-22T18:30:00Z"
            raise ValueError(f"is not a time such as {wanted}{_maybe(text)}") from None
    if not isinstance(value, datetime):
        what = "a day without a time" if isinstance(value, date) else _named(value)
        raise ValueError(f"is {what}, not a time such as 2026-11-22T18:30:00Z")  # noqa: TRY004 - data
    if value.tzinfo is None:
        raise ValueError("has no time zone, as 2026-11-22T18:30:00Z has")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is beyond the years that are known") from None


def as_flag(value: object) -> bool:
    """Read yes or no."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower() if isinstance(value, str | int) else ""
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise ValueError("is neither yes nor no")


def as_id(value: object) -> UUID:
    """Read a UUID."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value).strip())
    except ValueError:
        raise ValueError("is not an id such as 01890a5d-ac96-774b-bcce-b302099a8057") from None


def whole(low: int, high: int) -> Callable[[object], int]:
    """Make a reader of whole numbers within limits."""

    def read(value: object) -> int:
        number = as_decimal(value)
        # A number with millions of digits is not made before it is known to be in range.
        if not low <= number <= high:
            raise ValueError(f"is not between {low} and {high}")
        if number != int(number):
            raise ValueError("is not a whole number")
        return int(number)

    return read


def scaled(precision: int, scale: int) -> Callable[[object], Decimal]:
    """Make a reader of numbers with at most so many digits; none are rounded off."""
    limit = Decimal(10) ** (precision - scale)
    step = Decimal(1).scaleb(-scale)

    def read(value: object) -> Decimal:
        number = as_decimal(value)
        if not -limit < number < limit:
            raise ValueError(f"has more than {precision - scale} digits before the point")
        try:
            kept = number.quantize(step)
        except InvalidOperation:
            kept = None
        if kept is None or kept != number:
            raise ValueError(f"has more than {scale} decimal places")
        return kept

    return read


def _whole_kind(bits: int) -> Kind:
    limit = 2 ** (bits - 1)
    digits = len(str(limit)) - 1  # as many are always in range
    return Kind(read=whole(-limit, limit - 1), plain=f"(?:0|-?[1-9]\\d{{0,{digits - 1}}})")


def _scaled_kind(column: "Column[Any]") -> Kind:
    numeric = column.type
    if not isinstance(numeric, Numeric) or numeric.precision is None:
        return Kind(read=as_decimal)
    precision, scale = numeric.precision, numeric.scale or 0
    places = f"(?:\\.\\d{{1,{scale}}})?" if scale else ""
    return Kind(read=scaled(precision, scale), plain=f"-?\\d{{1,{precision - scale}}}{places}")


def _text_kind(column: "Column[Any]") -> Kind:
    longest = getattr(column.type, "length", None) or LONGEST
    plain = f"[^\0\t\n\r\\\\\ud800-\udfff]{{0,{longest}}}"
    if longest == LONGEST:
        return Kind(read=as_text, plain=plain)

    def read(value: object) -> str:
        text = as_text(value)
        if len(text) > longest:
            raise ValueError(f"is longer than {longest} characters")
        return text

    return Kind(read=read, plain=plain)


def _enum_kind(column: "Column[Any]") -> Kind:
    words = frozenset(getattr(column.type, "enums", ()))

    def read(value: object) -> str:
        text = as_text(value)
        if text not in words:
            raise ValueError(f"is none of {', '.join(sorted(words))}")
        return text

    return Kind(read=read)


def _moment_kind(column: "Column[Any]") -> Kind:
    if getattr(column.type, "timezone", False):
        return Kind(read=as_moment, plain=f"{_DAY}[T ]{_TIME}")
    return Kind(read=lambda value: as_moment(value).replace(tzinfo=None))


def _list_kind(column: "Column[Any]") -> Kind:
    item = getattr(column.type, "item_type", None)
    return Kind(read=rare.lists(whole(-(2**63), 2**63) if isinstance(item, Integer) else as_text))


def _reads(read: Callable[[object], object], plain: str = "") -> Callable[["Column[Any]"], Kind]:
    made = Kind(read=read, plain=plain)
    return lambda _: made


# A type stands before those that it is a kind of, in SQLAlchemy's own tree.
_KINDS: Mapping[type, Callable[["Column[Any]"], Kind]] = {
    Enum: _enum_kind,
    String: _text_kind,
    Uuid: _reads(as_id, "-".join(f"{_HEX}{{{n}}}" for n in (8, 4, 4, 4, 12))),
    Boolean: _reads(as_flag, "(?:true|false|t|f|0|1)"),
    SmallInteger: lambda _: _whole_kind(16),
    BigInteger: lambda _: _whole_kind(64),
    Integer: lambda _: _whole_kind(32),
    Float: _reads(rare.as_float),
    Numeric: _scaled_kind,
    DateTime: _moment_kind,
    Date: _reads(as_day, _DAY),
    Time: _reads(rare.as_time),
    TSTZRANGE: _reads(rare.spans(as_moment)),
    DATERANGE: _reads(rare.spans(as_day)),
    JSON: _reads(rare.as_json),
    ARRAY: _list_kind,
    INET: _reads(rare.as_address),
    LargeBinary: _reads(rare.as_bytes),
}


def _maybe(text: str) -> str:
    """Say why something that looks like a day or time is none, where that can be told."""
    if re.fullmatch(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}( .*)?", text, re.ASCII):
        return "; other orders mean different days in different countries"
    return ""


def _named(value: object) -> str:
    """Name the type of a value in words for people."""
    words = {
        bool: "yes or no",
        int: "a number",
        float: "a number",
        Decimal: "a number",
        str: "a text",
        list: "a list",
        dict: "an object",
        bytes: "bytes",
        datetime: "a time",
        date: "a day",
    }
    return words.get(type(value), f"a {type(value).__name__}")
