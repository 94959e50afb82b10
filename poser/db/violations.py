# SPDX-License-Identifier: Apache-2.0
"""What PostgreSQL says when it refuses a row: which rule, which columns, which values.

*Source:* PostgreSQL manual, appendix A (SQLSTATE codes) and the error fields of libpq. The
detail of an error is the only place where it tells values; its words are translated, the
parentheses around names and values are not, so only those are read.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

import psycopg2


class Violation(StrEnum):
    """What kind of rule refused a row, by its SQLSTATE."""

    NOT_NULL = "23502"
    FOREIGN_KEY = "23503"
    UNIQUE = "23505"
    CHECK = "23514"
    EXCLUSION = "23P01"
    OTHER = "23000"


# A key such as COALESCE(store_id, '...'::uuid) stands for its column.
_EXPRESSION = re.compile(r"^\w+\((\w+)\b.*\)$")
_KEY = re.compile(r"\((?P<names>.+?)\)=\(", re.DOTALL)
NO_ROW = "00000000-0000-0000-0000-000000000000"
"""Stands for no row in the keys of exclusions (poser.model.columns.NOBODY)."""
_NULL = "null"
_COMMA = ", "


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One refusal as PostgreSQL worded it.

    `keys` are the columns and values that it names, `others` those of the row that was there
    before; `row` is the text of the whole refused row, where it tells that.
    """

    kind: Violation
    words: str
    hint: str
    table: str
    constraint: str
    column: str
    keys: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    row: str = ""


def said(error: psycopg2.Error) -> Said | None:
    """Read a refusal; None for an error that is no refusal of a rule."""
    try:
        kind = Violation(error.pgcode or "")
    except ValueError:
        return None
    told = error.diag
    detail = told.message_detail or ""
    keys, others = _keys(detail)
    row = re.search(r"\((.*)\)", detail, re.DOTALL) if not keys else None
    return Said(
        kind=kind,
        words=told.message_primary or str(error),
        hint=told.message_hint or "",
        table=told.table_name or "",
        constraint=told.constraint_name or "",
        column=told.column_name or "",
        keys=keys,
        others=others,
        row=row[1] if row else "",
    )


def _keys(detail: str) -> tuple[dict[str, str], dict[str, str]]:
    """Read `(names)=(values)`, and the same again of the row that is in the way.

    A value may have parentheses in it, so it ends with the last one that can be its end.
    """
    found = _KEY.search(detail)
    if found is None:
        return {}, {}
    mine, again, theirs = detail[found.end() :].partition(found[0])
    names = [_EXPRESSION.sub(r"\1", name) for name in _names(found["names"])]
    values = [_named(names, part.rpartition(")")[0]) for part in (mine, theirs) if part]
    return values[0], values[1] if again else {}


def _named(names: Sequence[str], values: str) -> dict[str, str]:
    """Put names and values together; values that cannot be told apart are left out."""
    told = [values] if len(names) == 1 else values.split(_COMMA)
    if len(names) != len(told):
        return {}
    return {name: "" if one == NO_ROW else one for name, one in zip(names, told, strict=True)}


def _names(listed: str) -> list[str]:
    """Split a list of columns and expressions at the commas outside of parentheses."""
    parts = [""]
    for piece in listed.split(_COMMA):
        inside = parts[-1].count("(") > parts[-1].count(")")
        parts = [*parts[:-1], parts[-1] + _COMMA + piece] if inside else [*parts, piece]
    return parts[1:]


def row_values(row: str, columns: Sequence[tuple[str, str]]) -> dict[str, str | None]:
    """Tell the values of a whole row apart; what is not certain is left out.

    `columns` are names and PostgreSQL types in the order of the table. A text with a comma
    in it may be read in several ways: then only columns are told whose value is the same
    when earlier texts are read as short as can be, and as long as can be.
    """
    pieces = row.split(_COMMA)
    shapes = [_shape(type_) for _name, type_ in columns]
    short, long = (_aligned(pieces, shapes, longest=longest) for longest in (False, True))
    if short is None or long is None:
        return {}
    return {
        name: None if one == _NULL else one
        for (name, _type), one, other in zip(columns, short, long, strict=True)
        if one == other
    }


def _aligned(
    pieces: Sequence[str], shapes: Sequence[re.Pattern[str]], *, longest: bool
) -> list[str] | None:
    """Give each shape its pieces, one or more; None if that cannot be done."""

    @cache
    def ends(shape: int, start: int) -> tuple[int, ...]:
        """List where the pieces of a shape may end so that the rest can be done too."""
        if shape == len(shapes) - 1:
            last = _COMMA.join(pieces[start:])
            return (len(pieces),) if start < len(pieces) and shapes[shape].fullmatch(last) else ()
        most = len(pieces) - (len(shapes) - shape - 1)
        return tuple(
            end
            for end in range(start + 1, most + 1)
            if shapes[shape].fullmatch(_COMMA.join(pieces[start:end])) and ends(shape + 1, end)
        )

    values, start = [], 0
    for shape in range(len(shapes)):
        found = ends(shape, start)
        if not found:
            return None
        end = found[-1 if longest else 0]
        values.append(_COMMA.join(pieces[start:end]))
        start = end
    return values


def _shape(type_: str) -> re.Pattern[str]:
    """Say how a value of a type looks; PostgreSQL cuts what is long and puts dots behind."""
    shape = (
        _RANGE if type_.endswith("range") else _SHAPES.get(type_.split(" ", maxsplit=1)[0], ".*")
    )
    return re.compile(f"(?:{_NULL}|{shape})", re.DOTALL)


_RANGE = r"empty|[\[(].*(?:[\])]|\.\.\.)"
_SHAPES = {
    "uuid": r"[0-9a-f-]{36}",
    "boolean": r"[tf]",
    "smallint": r"-?\d+",
    "integer": r"-?\d+",
    "bigint": r"-?\d+",
    "numeric": r"-?[\d.]+|NaN|-?Infinity",
    "date": r"[\d-]+(?: BC)?|-?infinity",
    "timestamp": r"\d[\d :.+-]*(?: BC)?|-?infinity",
    "bytea": r"\\x[0-9a-f.]*",
}
