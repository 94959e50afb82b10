# SPDX-License-Identifier: Apache-2.0
"""Filters of a grid: each reads its own part of the URL and makes SQL conditions of it.

A filter named `department` reads `department=...`; a range reads `date.from=` and
`date.to=`. Later verbs take the same shape: NAME.VERB=VALUE.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from poser.errors import PoserError
from web.grid.subject import Expression
from web.language import _

LONGEST_TEXT = 100
Given = Mapping[str, str]


class BadQuery(PoserError, ValueError):  # noqa: N818 - what it is
    """The address asks a grid for something it does not offer."""


class Option(NamedTuple):
    """One choice of a filter: what the URL says and what people read."""

    value: str
    label: str


class Field(NamedTuple):
    """One input of the filter form; `kind` chooses how it is drawn."""

    name: str
    label: str
    kind: str
    value: str
    options: Sequence[Option] = ()


class Chip(NamedTuple):
    """One filter that is on, in words, with the parameters that switch it off."""

    text: str
    names: tuple[str, ...]


class Filter(Protocol):
    """What a grid asks of each of its filters."""

    @property
    def names(self) -> tuple[str, ...]:
        """Name the parameters of the URL that this filter reads."""

    def conditions(self, given: Given) -> list[ColumnElement[bool]]:
        """Make SQL of what was given; raises BadQuery for a value that makes no sense."""

    def fields(self, session: Session, given: Given) -> list[Field]:
        """Describe its inputs, with what was given filled in."""

    def chips(self, given: Given, fields: Sequence[Field]) -> list[Chip]:
        """Say in words what it lets through, if it is on."""

    def usual_word(self, given: Given) -> str:
        """Say what it leaves out though nobody asked, such as "discontinued hidden"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Rows whose column has one of a small set of values, offered in a list."""

    name: str
    label: str
    column: Expression
    options: Callable[[Session], Sequence[Option]]

    @property
    def names(self) -> tuple[str, ...]:
        """One parameter, of the filter's own name."""
        return (self.name,)

    def conditions(self, given: Given) -> list[ColumnElement[bool]]:
        """Let through what equals the chosen value."""
        value = _text(given, self.name, self.label)
        return [self.column == value] if value else []

    def fields(self, session: Session, given: Given) -> list[Field]:
        """One list with "any" on top; a value that is not in the list is kept as it is."""
        value = given.get(self.name, "")
        options = [Option("", _("any")), *self.options(session)]
        if value not in {option.value for option in options}:
            options.append(Option(value, value))
        return [Field(self.name, _(self.label), "choice", value, options)]

    def chips(self, given: Given, fields: Sequence[Field]) -> list[Chip]:
        """Such as "Department: Produce"."""
        value = given.get(self.name, "")
        labels = {o.value: o.label for f in fields if f.name == self.name for o in f.options}
        return [Chip(f"{_(self.label)}: {labels.get(value, value)}", self.names)] if value else []

    def usual_word(self, given: Given) -> str:  # noqa: ARG002 - protocol
        """Nothing: it is off unless asked for."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Rows that a piece of typed text matches, in the way `match` says."""

    name: str
    label: str
    match: Callable[[str], ColumnElement[bool]]

    @property
    def names(self) -> tuple[str, ...]:
        """One parameter, of the filter's own name."""
        return (self.name,)

    def conditions(self, given: Given) -> list[ColumnElement[bool]]:
        """Let through what matches the text."""
        value = _text(given, self.name, self.label)
        return [self.match(value)] if value else []

    def fields(self, session: Session, given: Given) -> list[Field]:  # noqa: ARG002 - protocol
        """One text box."""
        return [Field(self.name, _(self.label), "text", given.get(self.name, ""))]

    def chips(self, given: Given, fields: Sequence[Field]) -> list[Chip]:  # noqa: ARG002
        """Such as "Brand: oatly"."""
        value = given.get(self.name, "")
        return [Chip(f"{_(self.label)}: {value}", self.names)] if value else []

    def usual_word(self, given: Given) -> str:  # noqa: ARG002 - protocol
        """Nothing: it is off unless asked for."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Rows where a yes-or-no column is as asked: `no` hides, `only` shows nothing else.

    `usual` holds when the URL says nothing. `said` words the three: hidden, shown, only.
    """

    name: str
    label: str
    column: Expression
    usual: str = "any"
    said: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """One parameter, of the filter's own name."""
        return (self.name,)

    def conditions(self, given: Given) -> list[ColumnElement[bool]]:
        """Let through as asked, or as usual."""
        asked = given.get(self.name) or self.usual
        if asked not in self.said:
            raise BadQuery(
                _("{label} cannot be {value}").format(
                    label=_(self.label), value=repr(asked[:LONGEST_TEXT])
                ),
                hint=_("It can be: {names}.").format(names=", ".join(self.said)),
            )
        if asked == "any":
            return []
        return [self.column.is_(asked == "only")]

    def fields(self, session: Session, given: Given) -> list[Field]:  # noqa: ARG002 - protocol
        """One list of the three ways."""
        options = [
            Option("" if value == self.usual else value, _(text))
            for value, text in self.said.items()
        ]
        value = given.get(self.name, "")
        return [
            Field(self.name, _(self.label), "choice", "" if value == self.usual else value, options)
        ]

    def chips(self, given: Given, fields: Sequence[Field]) -> list[Chip]:  # noqa: ARG002
        """Such as "Discontinued: only", when it differs from the usual."""
        asked = given.get(self.name) or self.usual
        if asked == self.usual:
            return []
        return [Chip(f"{_(self.label)}: {_(self.said.get(asked, asked))}", self.names)]

    def usual_word(self, given: Given) -> str:
        """Such as "discontinued hidden", while the usual holds and leaves something out."""
        if self.usual == "any" or (given.get(self.name) or self.usual) != self.usual:
            return ""
        return f"{_(self.label).lower()} {_(self.said[self.usual])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Rows of a range of dates, both ends included."""

    name: str
    label: str
    column: Expression

    @property
    def names(self) -> tuple[str, ...]:
        """Two parameters: NAME.from and NAME.to."""
        return (f"{self.name}.from", f"{self.name}.to")

    def conditions(self, given: Given) -> list[ColumnElement[bool]]:
        """Let through the days from the first to the last, either of which may be open."""
        first, last = (self._day(given, name) for name in self.names)
        found: list[ColumnElement[bool]] = []
        if first is not None:
            found.append(self.column >= first)
        if last is not None:
            found.append(self.column <= last)
        return found

    def fields(self, session: Session, given: Given) -> list[Field]:  # noqa: ARG002 - protocol
        """Two date inputs."""
        first, last = self.names
        return [
            Field(
                first, _("{label} from").format(label=_(self.label)), "date", given.get(first, "")
            ),
            Field(last, _("to"), "date", given.get(last, "")),
        ]

    def chips(self, given: Given, fields: Sequence[Field]) -> list[Chip]:  # noqa: ARG002
        """Such as "Business date: 2026-11-01 to 2026-11-22"."""
        first, last = (given.get(name, "") for name in self.names)
        if not first and not last:
            return []
        if first == last:
            words = first
        elif first and last:
            words = _("{first} to {last}").format(first=first, last=last)
        else:
            words = _("from {first}") if first else _("to {last}")
            words = words.format(first=first, last=last)
        return [Chip(f"{_(self.label)}: {words}", self.names)]

    def usual_word(self, given: Given) -> str:  # noqa: ARG002 - protocol
        """Nothing: it is off unless asked for."""
        return ""

    def _day(self, given: Given, name: str) -> date | None:
        value = given.get(name, "")
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise BadQuery(
                _("{label}: {value} is not a date").format(
                    label=_(self.label), value=repr(value[:LONGEST_TEXT])
                ),
                hint=_("Write year-month-day, such as 2026-11-22."),
            ) from error


def _text(given: Given, name: str, label: str) -> str:
    value = given.get(name, "").strip()
    if len(value) > LONGEST_TEXT or "\0" in value:
        raise BadQuery(
            _("{label}: the text is too long").format(label=_(label)),
            hint=_("Use at most {count} characters.").format(count=LONGEST_TEXT),
        )
    return value
