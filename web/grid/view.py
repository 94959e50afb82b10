# SPDX-License-Identifier: Apache-2.0
"""What a grid's address asks for: search, filters, order, place. The URL is the state."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from web.grid.filters import LONGEST_TEXT, BadQuery
from web.grid.keyset import Edge, Walk
from web.grid.searching import contains_words
from web.grid.subject import Order, Subject
from web.urls import with_query

ROWS = (25, 50, 100, 200)
USUAL_ROWS = 50
_PLACES = ("after", "before", "end")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One state of one grid, as read from an address and as written back into links."""

    subject: Subject
    search: str
    given: Mapping[str, str]
    sort: str
    descending: bool
    rows: int
    after: Edge | None = None
    before: Edge | None = None
    at_end: bool = False

    @property
    def order(self) -> Order:
        """The order that is asked for."""
        return self.subject.orders[self.sort]

    @property
    def is_narrowed(self) -> bool:
        """Tell whether a search or a filter is on."""
        return bool(self.search or any(self.given.values()))

    @property
    def walk(self) -> Walk:
        """Which rows to read: one more than shown, to know whether there are others."""
        return Walk(
            descending=self.descending,
            backward=self.before is not None or self.at_end,
            edge=self.before or self.after,
            limit=self.rows + 1,
        )

    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """All conditions of the search and the filters; raises BadQuery."""
        found: list[ColumnElement[bool]] = []
        if self.search and self.subject.search is not None:
            found += contains_words(self.subject.search, self.search)
        for one in self.subject.filters:
            found += one.conditions(self.given)
        return tuple(found)

    def pairs(self) -> list[tuple[str, str]]:
        """Search, filters, order and length as they stand in an address, without the place."""
        sort = ("-" if self.descending else "") + self.sort
        usual = self.subject.orders[self.subject.order].best_first
        is_usual = self.sort == self.subject.order and self.descending == usual
        return [
            ("q", self.search),
            *self.given.items(),
            ("sort", "" if is_usual else sort),
            ("rows", "" if self.rows == USUAL_ROWS else str(self.rows)),
        ]

    def link_with(self, changes: Mapping[str, str], path: str = "") -> str:
        """Write the address of this view with some parameters changed ("" takes one out)."""
        return with_query(path or self.subject.path, (dict(self.pairs()) | dict(changes)).items())


def read_view(subject: Subject, given: Mapping[str, str]) -> View:
    """Read the parameters of an address; raises BadQuery, which says what is offered."""
    sort, descending = _sort(subject, given.get("sort", ""))
    order = subject.orders[sort]
    names = {name for one in subject.filters for name in one.names}
    return View(
        subject=subject,
        search=given.get("q", "").strip(),
        given={name: given[name].strip() for name in given if name in names},
        sort=sort,
        descending=descending,
        rows=_rows(given.get("rows", "")),
        after=_edge(order, given.get("after", "")),
        before=_edge(order, given.get("before", "")),
        at_end=given.get("end", "") == "1",
    )


def write_edge(edge: Edge) -> str:
    """Write a place as a short word for an address."""
    value = edge.value
    plain = value if value is None or isinstance(value, int | str) else str(value)
    if isinstance(value, datetime | date):
        plain = value.isoformat()
    packed = json.dumps([plain, edge.key.hex], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _edge(order: Order, word: str) -> Edge | None:
    if not word:
        return None
    try:
        packed = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        plain, key = json.loads(packed)
        value = None if plain is None and order.nullable else _value(order, plain)
        return Edge(value=value, key=UUID(hex=key))
    except (ValueError, TypeError, ArithmeticError, binascii.Error) as error:
        raise BadQuery(
            "This link into the list is broken", hint="Start again at the first page."
        ) from error


def _value(order: Order, plain: Any) -> object:  # noqa: ANN401 - straight from JSON
    kind = order.by.type.python_type
    if kind in (datetime, date):
        return kind.fromisoformat(plain)
    if kind is Decimal:
        number = Decimal(str(plain))
        if not number.is_finite():
            raise ValueError(plain)
        return number
    if not isinstance(plain, kind) or (isinstance(plain, str) and "\0" in plain):
        raise ValueError(plain)
    if isinstance(plain, int) and not -(2**63) <= plain < 2**63:
        raise ValueError(plain)
    return plain


def _sort(subject: Subject, asked: str) -> tuple[str, bool]:
    if not asked:
        return subject.order, subject.orders[subject.order].best_first
    name = asked.removeprefix("-")
    if name not in subject.orders:
        raise BadQuery(
            f"{subject.title} cannot be ordered by {name[:LONGEST_TEXT]!r}",
            hint=f"They can be ordered by: {', '.join(subject.orders)}.",
        )
    return name, asked.startswith("-")


def _rows(asked: str) -> int:
    if not asked:
        return USUAL_ROWS
    if asked not in {str(rows) for rows in ROWS}:
        raise BadQuery(
            f"A page cannot have {asked[:LONGEST_TEXT]!r} rows",
            hint=f"It can have: {', '.join(map(str, ROWS))}.",
        )
    return int(asked)
