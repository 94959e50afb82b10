# SPDX-License-Identifier: Apache-2.0
"""What a grid's address asks for: search, filters, order, columns, place. The URL is the state."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from sqlalchemy import ColumnElement

from web.grid.conditions import Condition, read_conditions, sql_of
from web.grid.edges import read_edge
from web.grid.filters import LONGEST_TEXT, BadQuery
from web.grid.keyset import Edge, Walk
from web.grid.phones import or_by_phone
from web.grid.reader import Reader
from web.grid.searching import contains_words
from web.grid.several import Step
from web.grid.subject import Column, Order, Subject
from web.language import _
from web.urls import with_query

ROWS = (25, 50, 100, 200)
USUAL_ROWS = 50
MOST_STEPS = 4
Given = Mapping[str, str | list[str]]
"""The parameters of an address, as Falcon gives them: one value or several of a name."""


@dataclass(frozen=True, kw_only=True)
class View:
    """One state of one grid, as read from an address and as written back into links.

    `columns` are those shown, `offered` all that the reader may see. `named` is the id of the
    named view that people came by, or "none" for those who want no view. `has_sums` asks for
    the sums of all columns that have one.
    """

    subject: Subject
    reader: Reader
    offered: Mapping[str, Column]
    columns: tuple[Column, ...]
    search: str
    given: Mapping[str, str]
    where: tuple[Condition, ...]
    steps: tuple[Step, ...]
    rows: int
    after: Edge | None = None
    before: Edge | None = None
    at_end: bool = False
    named: str = ""
    has_sums: bool = False

    @property
    def orders(self) -> list[Order]:
        """The order that is asked for, column by column."""
        return [step.order for step in self.steps]

    @property
    def is_narrowed(self) -> bool:
        """Tell whether a search or a filter is on."""
        return bool(self.search or self.where or any(self.given.values()))

    @property
    def walk(self) -> Walk:
        """Which rows to read: one more than shown, to know whether there are others."""
        return Walk(
            descending=self.steps[0].descending,
            backward=self.before is not None or self.at_end,
            edge=self.before or self.after,
            limit=self.rows + 1,
        )

    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """All conditions of the reader, the search and the filters; raises BadQuery."""
        found = [*self.subject.conditions_for(self.reader.visitor)]
        if self.search and self.subject.search is not None:
            words = contains_words(self.subject.search, self.search)
            found += or_by_phone(self.subject.key, words, self.search, self.reader.visitor)
        for one in self.subject.filters:
            found += one.conditions(self.given)
        return (*found, *sql_of(self.where, self.reader))

    @property
    def asked(self) -> tuple[Hashable, ...]:
        """What the conditions come from: views that agree in it agree in them."""
        narrowed = (self.search, *self.given.items(), *((o.name, o.value) for o in self.where))
        return (self.subject.path, self.reader, *narrowed)

    def pairs(self) -> list[tuple[str, str]]:
        """Give the whole state as it stands in an address, without the place."""
        return list(self._pairs)

    @cached_property
    def _pairs(self) -> tuple[tuple[str, str], ...]:
        return (
            ("q", self.search),
            *((name, value) for name, value in self.given.items() if value),
            *((one.name, one.value) for one in self.where),
            ("sort", self._sort()),
            ("cols", self._columns()),
            ("sums", "1" if self.has_sums else ""),
            ("rows", "" if self.rows == USUAL_ROWS else str(self.rows)),
            ("view", self.named),
        )

    def link_with(self, changes: Mapping[str, str], path: str = "") -> str:
        """Write the address of this view with some parameters changed ("" takes one out)."""
        left = dict(changes)
        pairs: list[tuple[str, str]] = []
        for name, value in self._pairs:
            if name not in changes:
                pairs.append((name, value))
            elif name in left:
                pairs.append((name, left.pop(name)))
        return with_query(path or self.subject.path, [*pairs, *left.items()])

    def link_without(self, gone: Condition) -> str:
        """Write the address of this view without one of its conditions."""
        pairs = self.pairs()
        pairs.remove((gone.name, gone.value))
        return with_query(self.subject.path, pairs)

    @property
    def query(self) -> str:
        """Search, filters, order and columns as they are kept with a name."""
        kept = [(name, value) for name, value in self.pairs() if name != "view"]
        return with_query("", kept).removeprefix("?")

    def _sort(self) -> str:
        usual = self.subject.orders[self.subject.order].best_first
        if [(s.name, s.descending) for s in self.steps] == [(self.subject.order, usual)]:
            return ""
        return ",".join(("-" if step.descending else "") + step.name for step in self.steps)

    def _columns(self) -> str:
        names = [column.name for column in self.columns]
        usual = [c.name for c in self.subject.columns if c.name in self.offered]
        return "" if names == usual else ",".join(names)


def read_view(subject: Subject, given: Given, reader: Reader) -> View:
    """Read the parameters of an address; raises BadQuery, which says what is offered."""
    single = {n: value if isinstance(value, str) else value[-1] for n, value in given.items()}
    offered = subject.offered_to(reader.visitor)
    steps = _steps(subject, offered, single.get("sort", ""))
    orders = [step.order for step in steps]
    names = {name for one in subject.filters for name in one.names}
    rest = [(name, each) for name, each in pairs_of(given) if name not in names]
    return View(
        subject=subject,
        reader=reader,
        offered=offered,
        columns=_columns(subject, offered, single.get("cols", "")),
        search=single.get("q", "").strip(),
        given={name: single[name].strip() for name in single if name in names},
        where=read_conditions(rest, offered, subject.title),
        steps=steps,
        rows=_rows(single.get("rows", "")),
        after=read_edge(orders, single.get("after", "")),
        before=read_edge(orders, single.get("before", "")),
        at_end=single.get("end", "") == "1",
        named=_named(single.get("view", "")),
        has_sums=single.get("sums", "") == "1",
    )


def pairs_of(given: Given) -> Iterable[tuple[str, str]]:
    """Give each value with its name, also where one name has several."""
    for name, value in given.items():
        yield from ((name, each) for each in ([value] if isinstance(value, str) else value))


def _steps(subject: Subject, offered: Mapping[str, Column], asked: str) -> tuple[Step, ...]:
    orders = {n: column.order for n, column in offered.items() if column.order is not None}
    if not asked:
        name = subject.order if subject.order in orders else next(iter(orders), subject.order)
        order = subject.orders[name]
        return (Step(name=name, order=order, descending=order.best_first),)
    steps: dict[str, Step] = {}
    for word in asked.split(","):
        name = word.removeprefix("-")
        if name not in orders:
            raise BadQuery(
                _("{title} cannot be ordered by {name}").format(
                    title=_(subject.title), name=repr(name[:LONGEST_TEXT])
                ),
                hint=_("They can be ordered by: {names}.").format(names=", ".join(orders)),
            )
        if name not in steps:
            steps[name] = Step(name=name, order=orders[name], descending=word.startswith("-"))
    if len(steps) > MOST_STEPS:
        raise BadQuery(
            _("{count} columns are too many to order by at once").format(count=len(steps)),
            hint=_("Use at most {count}.").format(count=MOST_STEPS),
        )
    return tuple(steps.values())


def _columns(subject: Subject, offered: Mapping[str, Column], asked: str) -> tuple[Column, ...]:
    """Choose the columns to show; what a kept address names and is gone is left out."""
    found: Sequence[Column] = [offered[n] for n in dict.fromkeys(asked.split(",")) if n in offered]
    if asked and not found:
        raise BadQuery(
            _("{title} have none of these columns").format(title=_(subject.title)),
            hint=_("They have: {names}.").format(names=", ".join(offered)),
        )
    return tuple(found or [c for c in subject.columns if c.name in offered])


def _rows(asked: str) -> int:
    if not asked:
        return USUAL_ROWS
    if asked not in {str(rows) for rows in ROWS}:
        raise BadQuery(
            _("A page cannot have {count} rows").format(count=repr(asked[:LONGEST_TEXT])),
            hint=_("It can have: {counts}.").format(counts=", ".join(map(str, ROWS))),
        )
    return int(asked)


def _named(asked: str) -> str:
    if asked in {"", "none"}:
        return asked
    try:
        return str(UUID(asked))
    except ValueError:
        return ""
