# SPDX-License-Identifier: Apache-2.0
"""The fields of a record: one specification for form, API and import.

Nearly all of it is in the model already: a column's comment is the field's help, its rule
`one_of` the list of choices, its reference the table to choose from. Values are read by
`poser.importing.kinds`, as imports read theirs, so a form takes what a file may have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
)
from sqlalchemy.dialects.postgresql import DATERANGE, TSTZRANGE

from poser.importing.kinds import FieldProblem, kind_of
from poser.model.columns import AMOUNT, COST, PERCENT, PRICE, QUANTITY
from web.grid.filters import Option
from web.resources.words import help_of, label_of, option_of

_SHORT, _LONG = 10_000, 500_000


class Input(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    MONEY = "money"
    FLAG = "flag"
    DATE = "date"
    TIME = "time"
    SPAN = "span"
    CHOICE = "choice"
    REFERENCE = "reference"
    JSON = "json"
    LIST = "list"
    FILE = "file"


_TEXTS = frozenset({Input.TEXT, Input.LONG_TEXT, Input.CHOICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a record.

    `name` is the column's. `help` is a sentence. `refers_to` names the table that a reference
    is chosen from; `options` are the words of a choice. `scale` is the number of decimal
    places. `is_required` asks for a value; `takes_none` tells an empty text from no value;
    `has_default` lets the database fill it in. `is_read_only` shows it and takes nothing.
    """

    name: str
    label: str
    input: Input
    help: str = ""
    column: "Column[Any] | None" = None
    is_required: bool = False
    takes_none: bool = False
    is_read_only: bool = False
    refers_to: str = ""
    options: Sequence[Option] = ()
    scale: int = 0
    unit: str = ""
    longest: int = 10_000
    has_default: bool = False

    def read(self, text: str) -> object:
        """Read what was typed as the database keeps it. Raises FieldProblem with the reason.

        Blanks around it mean nothing. An empty text is no value where none may be, else an
        empty text.
        """
        text = text.strip() if self.input is not Input.LONG_TEXT else text.rstrip()
        if not text:
            return self._nothing()
        if len(text) > self.longest:
            raise FieldProblem(self.name, text, f"is longer than {self.longest:,} characters")
        if self.column is None:
            return text
        try:
            value = kind_of(self.column).read(text)
        except ValueError as error:
            raise FieldProblem(self.name, text, str(error)) from error
        if self.options and value not in {option.value for option in self.options}:
            words = ", ".join(option.label for option in self.options)
            raise FieldProblem(self.name, text, f"is none of {words}")
        return value

    def _nothing(self) -> object:
        if self.takes_none:
            return None
        if self.input is Input.FLAG:
            return False
        if self.is_required or self.input not in _TEXTS:
            raise FieldProblem(self.name, "", "is needed")
        return ""


def field_of(column: "Column[Any]", *, label: str = "") -> Field:
    """Make a field of what the model says about a column."""
    options = options_of(column)
    refers_to = _refers_to(column)
    takes_none = bool(column.nullable)
    has_default = column.server_default is not None or column.default is not None
    kind = _input(column, options, refers_to)
    return Field(
        name=column.name,
        label=label or label_of(column.name),
        input=kind,
        help=help_of(column.comment or "", [each.value for each in options]),
        column=column,
        is_required=not takes_none and not has_default and column.type.python_type is not bool,
        takes_none=takes_none,
        is_read_only=column.computed is not None,
        refers_to=refers_to,
        options=options,
        scale=column.type.scale or 0 if isinstance(column.type, Numeric) else 0,
        unit="%" if column.type is PERCENT else "",
        longest=_LONG if kind in {Input.LONG_TEXT, Input.JSON, Input.LIST} else _SHORT,
        has_default=has_default,
    )


def options_of(column: "Column[Any]") -> tuple[Option, ...]:
    """Give the words that a rule lets the column hold; none if it may hold others."""
    for rule in column.table.constraints:
        name, words = rule.info.get("one_of", ("", ()))
        if isinstance(rule, CheckConstraint) and name == column.name:
            return tuple(Option(str(word), option_of(str(word))) for word in words)
    return ()


def _refers_to(column: "Column[Any]") -> str:
    """Name the table whose id the column holds; empty if it holds none."""
    for key in column.foreign_keys:
        if key.column.name == "id":
            return key.column.table.name
    return ""


def _input(column: "Column[Any]", options: Sequence[Option], refers_to: str) -> Input:
    if options:
        return Input.CHOICE
    if refers_to:
        return Input.REFERENCE
    if column.type in (PRICE, COST, AMOUNT):
        return Input.MONEY
    if column.type is QUANTITY or isinstance(column.type, Numeric):
        return Input.DECIMAL
    for kind, found in _INPUTS.items():
        if isinstance(column.type, kind):
            return found
    return Input.LONG_TEXT if column.name in {"text", "note", "notes", "body"} else Input.TEXT


_INPUTS: dict[type, Input] = {
    Boolean: Input.FLAG,
    Integer: Input.WHOLE,
    DateTime: Input.TIME,
    Date: Input.DATE,
    TSTZRANGE: Input.SPAN,
    DATERANGE: Input.SPAN,
    JSON: Input.JSON,
    ARRAY: Input.LIST,
    LargeBinary: Input.FILE,
}
