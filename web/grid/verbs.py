# SPDX-License-Identifier: Apache-2.0
"""What can be asked of a column: "contains", "is between", "is empty", by the family it is of."""

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import NamedTuple

from sqlalchemy import Boolean, Integer, Numeric
from sqlalchemy.dialects.postgresql import DATERANGE, TSTZRANGE

from web.grid.subject import Column, Kind
from web.language import mark


class Takes(Enum):
    """What a verb is followed by."""

    NOTHING = "nothing"
    ONE = "one value"
    TWO = "two values"
    MANY = "a list of values"
    SPAN = "a span of days"


class Verb(NamedTuple):
    """One thing to ask; `name` stands in addresses, `says` is what people read."""

    name: str
    says: str
    takes: Takes = Takes.ONE


class Family(StrEnum):
    """Columns of which the same can be asked."""

    TEXT = "text"
    NUMBER = "number"
    CODE = "code"
    DATE = "date"
    TIME = "time"
    FLAG = "flag"
    CHOICE = "choice"
    REFERENCE = "reference"
    PERSON = "person"
    SPAN = "span"


PEOPLE = frozenset({"users", "people", "employees"})
"""Tables of which one row may be the visitor."""

_IS = Verb("is", mark("is"))
_IS_NOT = Verb("is_not", mark("is not"))
_IN = Verb("in", mark("is one of"), Takes.MANY)
_NOT_IN = Verb("not_in", mark("is none of"), Takes.MANY)
_CONTAINS = Verb("contains", mark("contains"))
_CONTAINS_NOT = Verb("contains_not", mark("does not contain"))
_CONTAINS_ANY = Verb("contains_any", mark("contains one of"), Takes.MANY)
_STARTS = Verb("starts", mark("starts with"))
_ENDS = Verb("ends", mark("ends with"))
_EMPTY = Verb("empty", mark("is empty"), Takes.NOTHING)
_FILLED = Verb("filled", mark("is not empty"), Takes.NOTHING)
_WHETHER = (_EMPTY, _FILLED)
_SIZES = (
    Verb("over", mark("is more than")),
    Verb("from", mark("is at least")),
    Verb("under", mark("is less than")),
    Verb("to", mark("is at most")),
    Verb("between", mark("is between"), Takes.TWO),
)
_TIMES = (
    Verb("within", mark("is in"), Takes.SPAN),
    Verb("is", mark("is on")),
    Verb("is_not", mark("is not on")),
    Verb("before", mark("is before")),
    Verb("to", mark("is on or before")),
    Verb("after", mark("is after")),
    Verb("from", mark("is on or after")),
    Verb("between", mark("is between"), Takes.TWO),
    *_WHETHER,
)
_TEXTS = (_CONTAINS, _CONTAINS_NOT, _CONTAINS_ANY, _IS, _IS_NOT, _IN, _NOT_IN, _STARTS, _ENDS)
_ME = (Verb("me", mark("is me"), Takes.NOTHING), Verb("not_me", mark("is not me"), Takes.NOTHING))

VERBS: Mapping[Family, tuple[Verb, ...]] = {
    Family.TEXT: (*_TEXTS, *_WHETHER),
    Family.NUMBER: (_IS, _IS_NOT, _IN, _NOT_IN, *_SIZES, *_WHETHER),
    Family.CODE: (_IS, _IS_NOT, _IN, _NOT_IN, _CONTAINS, _STARTS, *_SIZES, *_WHETHER),
    Family.DATE: _TIMES,
    Family.TIME: _TIMES,
    Family.FLAG: (_IS, *_WHETHER),
    Family.CHOICE: (_IS, _IS_NOT, _IN, _NOT_IN, *_WHETHER),
    Family.REFERENCE: (*_TEXTS, *_WHETHER),
    Family.PERSON: (*_ME, *_TEXTS, *_WHETHER),
    Family.SPAN: (
        Verb("holds", mark("holds on")),
        Verb("holds_not", mark("does not hold on")),
        *_WHETHER,
    ),
}

_BY_KIND = {
    Kind.MONEY: Family.NUMBER,
    Kind.QUANTITY: Family.NUMBER,
    Kind.DATE: Family.DATE,
    Kind.TIME: Family.TIME,
    Kind.DAY: Family.TIME,
    Kind.FLAG: Family.FLAG,
    Kind.SPAN: Family.SPAN,
}


def family_of(column: Column) -> Family:
    """Tell what can be asked of a column."""
    if column.reference is not None:
        of_people = getattr(column.reference.table, "name", "") in PEOPLE
        return Family.PERSON if of_people else Family.REFERENCE
    if column.options:
        return Family.CHOICE
    if column.kind in _BY_KIND:
        return _BY_KIND[column.kind]
    kind = column.value.type
    if isinstance(kind, TSTZRANGE | DATERANGE):
        return Family.SPAN
    if isinstance(kind, Boolean):
        return Family.FLAG
    return Family.CODE if isinstance(kind, Integer | Numeric) else Family.TEXT


def verbs_of(column: Column) -> Mapping[str, Verb]:
    """Give what can be asked of a column, by name, the usual first."""
    return {verb.name: verb for verb in VERBS[family_of(column)]}
