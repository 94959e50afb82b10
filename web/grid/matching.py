# SPDX-License-Identifier: Apache-2.0
"""From what was asked of a column to SQL, by the family of the column."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    String,
    Text,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import DATERANGE

from web.grid.days import NoDay, Span, day_of, span_of
from web.grid.filters import LONGEST_TEXT, BadQuery
from web.grid.reader import Reader
from web.grid.subject import Column, Expression, Reference
from web.grid.verbs import Family, Verb, family_of
from web.language import _

MOST_LISTED = 200
_MOST_DIGITS = 40
Sql = ColumnElement[bool]


def matches(column: Column, verb: Verb, value: str, reader: Reader) -> Sql:
    """Make a condition; raises BadQuery for a value that makes no sense."""
    family = family_of(column)
    if verb.name in {"empty", "filled"}:
        return _whether(_subject_of(column), family, verb.name)
    try:
        return _FAMILIES[family](column, verb.name, value, reader)
    except NoDay as error:
        raise BadQuery(
            _("{label}: {value} is not a date").format(
                label=_(column.label), value=repr(value[:LONGEST_TEXT])
            ),
            hint=_(NoDay.hint),
        ) from error


def pieces(value: str) -> list[str]:
    """Cut a list at its line breaks, or at commas where there are none."""
    found = value.splitlines() if "\n" in value else value.split(",")
    return [piece.strip() for piece in found if piece.strip()]


def ends(value: str) -> tuple[str, str]:
    """Cut `1..5` in its two ends; raises ValueError without two dots."""
    first, dots, last = value.partition("..")
    if not dots:
        raise ValueError(value)
    return first.strip(), last.strip()


def _subject_of(column: Column) -> Expression:
    return column.value if column.reference is None else column.reference.key


def _whether(expression: Expression, family: Family, verb: str) -> Sql:
    empty: Sql = expression.is_(None)
    if family in {Family.TEXT, Family.CHOICE} and isinstance(expression.type, String):
        empty = or_(empty, expression == "")
    return empty if verb == "empty" else not_(empty)


def _texts(column: Column, verb: str, value: str, _reader: Reader) -> Sql:
    return _text(_as_text(column.value), verb, value)


def _as_text(expression: Expression) -> Expression:
    return expression if isinstance(expression.type, String) else cast(expression, Text)


def _text(expression: Expression, verb: str, value: str) -> Sql:
    """Compare texts; capitals do not count."""
    low, wanted = func.lower(expression), value.lower()
    match verb:
        case "contains":
            return and_(*(_holds(low, word) for word in wanted.split()))
        case "contains_not":
            return or_(expression.is_(None), ~and_(*(_holds(low, w) for w in wanted.split())))
        case "contains_any":
            return or_(false(), *(_holds(low, piece) for piece in pieces(wanted)))
        case "starts":
            return low.startswith(wanted, autoescape=True, escape="\\")
        case "ends":
            return low.endswith(wanted, autoescape=True, escape="\\")
    listed = pieces(wanted) if verb in {"in", "not_in"} else [wanted]
    return _among(expression, low, listed, positive=verb in {"is", "in"})


def _holds(low: Expression, word: str) -> Sql:
    return low.contains(word, autoescape=True, escape="\\")


def _among(
    expression: Expression, compared: Expression, values: Sequence[object], *, positive: bool
) -> Sql:
    """Be one of some values; what has no value is none of them."""
    inside = compared == values[0] if len(values) == 1 else compared.in_(values)
    return inside if positive else or_(expression.is_(None), ~inside)


def _choice(column: Column, verb: str, value: str, _reader: Reader) -> Sql:
    listed = pieces(value) if verb in {"in", "not_in"} else [value]
    by_words = {_(option.label).lower(): option.value for option in column.options}
    wanted = [by_words.get(piece.lower(), piece) for piece in listed]
    expression = _as_text(column.value)
    return _among(expression, expression, wanted, positive=verb in {"is", "in"})


def _number(column: Column, verb: str, value: str, _reader: Reader) -> Sql:
    expression = column.value
    if verb == "between":
        first, last = (_read_number(column, end) if end else None for end in _two(column, value))
        found = [expression >= first] if first is not None else []
        return and_(*found, *([expression <= last] if last is not None else []))
    if verb in {"is", "is_not", "in", "not_in"}:
        listed = pieces(value) if verb in {"in", "not_in"} else [value]
        wanted = [number for piece in listed for number in _numbers(column, piece)]
        return _among(expression, expression, wanted, positive=verb in {"is", "in"})
    return _SIZES[verb](expression, _read_number(column, value))


def _code(column: Column, verb: str, value: str, reader: Reader) -> Sql:
    """Compare numbers that are no quantities: parts of them can be asked for, too."""
    if verb in {"contains", "starts"}:
        return _text(_as_text(column.value), verb, value)
    return _number(column, verb, value, reader)


def _numbers(column: Column, text: str) -> Sequence[object]:
    if column.read is None:
        return [_read_number(column, text)]
    found = column.read(text)
    if not found:
        raise _no_number(column, text)
    return found


def _read_number(column: Column, text: str) -> int | Decimal:
    plain = text.replace(" ", "")
    try:
        number = Decimal(plain) if len(plain) <= _MOST_DIGITS and plain.isascii() else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise _no_number(column, text)
    return int(number) if number == number.to_integral_value() else number


def _no_number(column: Column, text: str) -> BadQuery:
    return BadQuery(
        _("{label}: {value} is not a number").format(
            label=_(column.label), value=repr(text[:LONGEST_TEXT])
        ),
        hint=_("Write it with a point and without other signs, such as 1234.50."),
    )


def _two(column: Column, value: str) -> tuple[str, str]:
    try:
        return ends(value)
    except ValueError as error:
        raise BadQuery(
            _("{label}: two ends are needed").format(label=_(column.label)),
            hint=_("Write them with two dots between, such as 5..10; one may be left out."),
        ) from error


def _days(column: Column, verb: str, value: str, reader: Reader) -> Sql:
    expression = column.value
    first, last = _first_last(column, verb, value, reader.today)
    found: list[Sql] = []
    if first is not None:
        found.append(expression >= first)
    if last is not None:
        found.append(expression <= last)
    inside = and_(*found)
    return or_(expression.is_(None), not_(inside)) if verb == "is_not" else inside


def _moments(column: Column, verb: str, value: str, reader: Reader) -> Sql:
    """Compare moments with days, which begin and end in the reader's zone."""
    expression = column.value
    first, last = _first_last(column, verb, value, reader.today)
    found: list[Sql] = []
    if first is not None:
        found.append(expression >= reader.begins(first))
    if last is not None:
        found.append(expression < reader.ends(last))
    inside = and_(*found)
    return or_(expression.is_(None), not_(inside)) if verb == "is_not" else inside


def _first_last(
    column: Column, verb: str, value: str, today: date
) -> tuple[date | None, date | None]:
    """Give the first and the last day that are meant; one may be open."""
    if verb == "within":
        return span_of(value, today)
    if verb == "between":
        first, last = _two(column, value)
        return day_of(first, today) if first else None, day_of(last, today) if last else None
    day = day_of(value, today)
    before, after = date.fromordinal(max(day.toordinal() - 1, 1)), day
    if day < date.max:
        after = date.fromordinal(day.toordinal() + 1)
    open_ended: Mapping[str, tuple[date | None, date | None]] = {
        "before": (None, before),
        "to": (None, day),
        "after": (after, None),
        "from": (day, None),
    }
    return open_ended.get(verb, Span(day, day))


def _flag(column: Column, _verb: str, value: str, _reader: Reader) -> Sql:
    if value not in {"yes", "no"}:
        raise BadQuery(
            _("{label} is yes or no, not {value}").format(
                label=_(column.label), value=repr(value[:LONGEST_TEXT])
            )
        )
    return column.value.is_(value == "yes")


def _span(column: Column, verb: str, value: str, reader: Reader) -> Sql:
    day = day_of(value, reader.today)
    if isinstance(column.value.type, DATERANGE):
        holds: Sql = column.value.contains(day)
    elif day == reader.today:
        holds = column.value.contains(func.now())
    else:
        holds = column.value.contains(reader.begins(day))
    return holds if verb == "holds" else or_(column.value.is_(None), not_(holds))


def _reference(column: Column, verb: str, value: str, reader: Reader) -> Sql:
    """Ask about the record that is referred to: it is looked up first, by index or not."""
    assert column.reference is not None  # noqa: S101 - that is what its family says
    key, table = column.reference.key, column.reference.table
    if verb in {"me", "not_me"}:
        mine = key == _me(table, reader.visitor.user_id)
        return mine if verb == "me" else or_(key.is_(None), ~mine)
    positive = {"contains_not": "contains", "is_not": "is", "not_in": "in"}.get(verb, verb)
    found = key.in_(select(table.c.id).where(_named(column.reference, positive, value)))
    return found if positive == verb else or_(key.is_(None), ~found)


def _named(reference: Reference, verb: str, value: str) -> Sql:
    columns = reference.table.c
    if verb == "is":
        try:
            return columns.id == UUID(value)
        except ValueError:
            pass
    return or_(false(), *(_text(_as_text(columns[name]), verb, value) for name in reference.names))


def _me(table: FromClause, user_id: UUID | None) -> Any:  # noqa: ANN401 - SQL or a value
    """Find the visitor's own row among users, people or employees."""
    from poser.model import Employee, User  # noqa: PLC0415 - tables that few grids refer to

    users, employees = User.__table__.c, Employee.__table__.c
    if getattr(table, "name", "") == "users":
        return literal(user_id, users.id.type)
    person = select(users.person_id).where(users.id == literal(user_id, users.id.type))
    if getattr(table, "name", "") == "people":
        return person.scalar_subquery()
    mine = select(employees.id).where(employees.person_id == person.scalar_subquery())
    return mine.limit(1).scalar_subquery()


_SIZES: Mapping[str, Callable[[Expression, Any], Sql]] = {
    "over": lambda column, value: column > value,
    "from": lambda column, value: column >= value,
    "under": lambda column, value: column < value,
    "to": lambda column, value: column <= value,
}
_FAMILIES: Mapping[Family, Callable[[Column, str, str, Reader], Sql]] = {
    Family.TEXT: _texts,
    Family.NUMBER: _number,
    Family.CODE: _code,
    Family.DATE: _days,
    Family.TIME: _moments,
    Family.FLAG: _flag,
    Family.CHOICE: _choice,
    Family.REFERENCE: _reference,
    Family.PERSON: _reference,
    Family.SPAN: _span,
}
