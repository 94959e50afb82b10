# SPDX-License-Identifier: Apache-2.0
"""Making one function of an importer's fields: a source's values in, a row's values out.

There are two of them. `compiled` gives values, for comparison with targets that are no database
and for people. `compiled_lines` gives the text that PostgreSQL's COPY reads; most records need
no more than one look at the whole line there, because what a file has is already what the
database reads. Both raise FieldProblem for a record that cannot be used, and return None for one
that the importer's `normalize` leaves out.

An empty value becomes the field's default; else NULL, or where the column may not be NULL its
own default. Where that is no constant but made by the database, such as a time, the value is
None all the same: it says nothing, and the database decides.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Column, Date, Integer, String, TextClause, Uuid

from poser.errors import ImportFailed
from poser.importing.copying import as_text
from poser.importing.fields import UNSET, Field
from poser.importing.importer import Importer
from poser.importing.kinds import FieldProblem, Kind, kind_of

Values = Callable[[Sequence[object]], tuple[object, ...] | None]
Line = Callable[[Sequence[object]], str | None]

_T = TypeVar("_T")

PROBLEMS = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError)
"""What the code of an importer raises when data is not as its author thought."""

_NULL = "\\N"
_CONSTANT = re.compile(r"'((?:[^']|'')*)'(?:::[\w ]+)?|(-?\d+(?:\.\d+)?|true|false)")
_AS_WRITTEN = (String, Integer, Uuid, Date)  # one value, one text


class _Required:
    """Stands for "must be given", where an empty value has nothing else to become."""


_REQUIRED = _Required()


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one field is read: where its value is, what an empty one becomes, and its kind.

    A field with the same value for all records has no `index` but the value in `empty`.
    """

    field: Field
    index: int | None
    kind: Kind
    empty: object
    plain: str

    def value(self, values: Sequence[object]) -> object:
        """Read the value of one record. Raises FieldProblem."""
        if self.index is None:
            return self.empty
        found = values[self.index]
        try:
            value = found if self.field.read is None else self.field.read(found)
            if value is not None and value != "":
                read = self.kind.read(value)
                if read != "":
                    return read
        except PROBLEMS as error:
            raise FieldProblem(self.field.said, found, _reason(error)) from error
        if isinstance(self.empty, _Required):
            raise FieldProblem(self.field.said, found, "must be given")
        return self.empty

    def text(self) -> Callable[[Sequence[object]], str]:
        """Make a function that reads the value of one record as COPY wants it."""
        index, value = self.index, self.value
        if index is None:
            constant = as_text(self.empty)
            return lambda _: constant
        if not self.plain:
            return lambda values: as_text(value(values))
        is_plain = re.compile(self.plain, re.ASCII).fullmatch

        def text(values: Sequence[object]) -> str:
            found = values[index]
            if type(found) is str and found and is_plain(found):
                return found
            return as_text(value(values))

        return text


def compiled(importer: Importer, names: Sequence[str]) -> Values:
    """Make the function that reads records whose values are called `names`.

    Raises ImportFailed when a field does not fit the model, or the source lacks it.
    """
    if is_normalized(importer):
        inner = _values(_plans(importer, said_names(importer)))
        return _normalized(importer, names, inner)
    return _values(_plans(importer, names))


def compiled_lines(importer: Importer, names: Sequence[str]) -> Line:
    """Make the function that writes records as lines of COPY, in the order of the fields.

    Raises ImportFailed when a field does not fit the model, or the source lacks it.
    """
    if is_normalized(importer):
        inner = _lines(_plans(importer, said_names(importer)))
        return _normalized(importer, names, inner)
    return _lines(_plans(importer, names))


def _values(plans: Sequence[_Plan]) -> Values:
    readers = [plan.value for plan in plans]
    return lambda values: tuple([read(values) for read in readers])


def _lines(plans: Sequence[_Plan]) -> Line:
    """Look at whole lines at once where all values are texts, and at each value else."""
    texts = [plan.text() for plan in plans]

    def one_by_one(values: Sequence[object]) -> str:
        return "\t".join([text(values) for text in texts])

    if not all(plan.plain for plan in plans if plan.index is not None):
        return one_by_one
    pick = _picker(plans)
    empties = [as_text("" if _is_required(plan) else plan.empty) for plan in plans]
    is_plain = re.compile("\t".join(map(_pattern, plans)), re.ASCII).fullmatch
    join = "\t".join

    def line(values: Sequence[object]) -> str:
        picked = pick(values)
        try:
            joined = join(picked)
        except TypeError:  # not all are texts
            return one_by_one(values)
        if is_plain(joined) is None:
            return one_by_one(values)
        if "" in picked:
            return join([value or empty for value, empty in zip(picked, empties, strict=True)])
        return joined

    return line


def _pattern(plan: _Plan) -> str:
    """Write the pattern of a value in a line; a value that must be given is not empty there."""
    if plan.index is None:
        return re.escape(as_text(plan.empty))
    return f"(?=[^\t]){plan.plain}" if _is_required(plan) else f"(?:{plan.plain}|)"


def _picker(plans: Sequence[_Plan]) -> Callable[[Sequence[Any]], Sequence[str]]:
    """Make a function that takes the values of the fields, and constants, out of a record."""
    constants = [as_text(plan.empty) for plan in plans if plan.index is None]
    places = iter(range(-len(constants), 0))
    indexes = [next(places) if plan.index is None else plan.index for plan in plans]
    if len(indexes) == 1:
        (only,) = indexes
        return lambda values: ((*values, *constants)[only],)
    pick = itemgetter(*indexes)
    return (lambda values: pick((*values, *constants))) if constants else pick


def _is_required(plan: _Plan) -> bool:
    return isinstance(plan.empty, _Required)


def is_normalized(importer: Importer) -> bool:
    """Tell whether an importer has a `normalize` of its own."""
    return type(importer).normalize is not Importer.normalize


def said_names(importer: Importer) -> tuple[str, ...]:
    """Name the values of a source that the fields of an importer are read from."""
    return tuple(dict.fromkeys(field.said for field in importer.fields if field.value is UNSET))


def _normalized(
    importer: Importer, names: Sequence[str], read: Callable[[Sequence[object]], _T]
) -> Callable[[Sequence[object]], _T | None]:
    """Put the importer's own `normalize` before the reading of fields."""
    said = said_names(importer)

    def normalized(values: Sequence[object]) -> _T | None:
        try:
            record = importer.normalize(dict(zip(names, values, strict=False)))
        except FieldProblem:
            raise
        except PROBLEMS as error:
            raise FieldProblem("", "", _reason(error)) from error
        if record is None:
            return None
        return read([record.get(name) for name in said])

    return normalized


def _plans(importer: Importer, names: Sequence[str]) -> list[_Plan]:
    indexes = {name: index for index, name in enumerate(names)}
    return [_plan(importer, field, indexes) for field in importer.fields]


def _plan(importer: Importer, field: Field, indexes: dict[str, int]) -> _Plan:
    column = _column(importer.model, field.name)
    said = column if field.find is None else _column(field.find.model, field.find.by)
    kind = kind_of(said)
    if field.value is not UNSET:
        return _Plan(field, None, kind, _constant(importer, field, kind, field.value), "")
    if field.said not in indexes and field.default is UNSET:
        raise ImportFailed(
            f"the source has no {field.said!r}, which is {importer.name}.{field.name}",
            hint=_nearest(field.said, indexes),
        )
    if field.said not in indexes:
        return _Plan(field, None, kind, _constant(importer, field, kind, field.default), "")
    as_written = field.read is None and (field.find is None or isinstance(said.type, _AS_WRITTEN))
    empty = _empty(importer, field, column, kind)
    return _Plan(field, indexes[field.said], kind, empty, kind.plain if as_written else "")


def _column(model: type[Any], name: str) -> "Column[Any]":
    columns = model.__table__.columns
    if name not in columns:
        raise ImportFailed(
            f"{model.__name__} has no field {name}", hint=_nearest(name, columns.keys())
        )
    column: Column[Any] = columns[name]
    if column.computed is not None:
        raise ImportFailed(
            f"{model.__name__}.{name} is computed by the database", hint="leave it out"
        )
    return column


def _empty(importer: Importer, field: Field, column: "Column[Any]", kind: Kind) -> object:
    """Say what an empty value of a field becomes."""
    if field.default is not UNSET:
        return _constant(importer, field, kind, field.default)
    if column.nullable:
        # One part of a longer key may be nothing, as with a cost for all stores.
        return _REQUIRED if tuple(importer.key) == (field.name,) else None
    if field.find is not None:
        return _REQUIRED if field.find.take == "id" else None
    if column.server_default is not None:
        return _own_default(column, kind)
    is_text = isinstance(column.type, String)
    return "" if is_text and field.name not in importer.key else _REQUIRED


def _own_default(column: "Column[Any]", kind: Kind) -> object:
    """Read the column's own default; None where the database makes it, such as a time."""
    said = getattr(column.server_default, "arg", None)
    if isinstance(said, str):
        return kind.read(said)
    found = _CONSTANT.fullmatch(said.text) if isinstance(said, TextClause) else None
    if found is None:
        return None
    return kind.read(found[2] if found[1] is None else found[1].replace("''", "'"))


def _constant(importer: Importer, field: Field, kind: Kind, value: object) -> object:
    if value is None:
        return None
    try:
        return kind.read(value)
    except PROBLEMS as error:
        raise ImportFailed(
            f"{importer.name}.{field.name}: {value!r} {_reason(error)}",
            hint="this is what the importer itself says, not the source",
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, FieldProblem):
        return error.reason
    said = str(error)
    return said if type(error) is ValueError and said else f"{type(error).__name__}: {said}"


def _nearest(word: str, known: Iterable[str]) -> str:
    words = list(known)
    near = get_close_matches(word, words, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"there is: {', '.join(words)}"
