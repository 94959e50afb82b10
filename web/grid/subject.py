# SPDX-License-Identifier: Apache-2.0
"""The one declaration from which the pages of a table are made.

A `Subject` says in about thirty lines what a grid shows, how it can be searched, filtered
and ordered, and which permission it needs. Grids, CSV files and links all read it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause

from web.permissions import Permission

if TYPE_CHECKING:
    from web.grid.filters import Filter, Option
    from web.visits import Visitor

Expression = ColumnElement[Any]


class Kind(StrEnum):
    """How the values of a column look: which side they stand on and how they are written."""

    TEXT = "text"
    CODE = "code"
    MONEY = "money"
    QUANTITY = "quantity"
    TIME = "time"
    DAY = "day"
    DATE = "date"
    FLAG = "flag"
    SPAN = "period"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One way to order a table, by an expression that has an index over (expression, id).

    Rows without a value come last, whichever way the order runs; that needs `nullable`.
    `best_first` starts with the greatest value, as for times and amounts.
    """

    by: Expression
    nullable: bool = False
    best_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where a column's words come from: `key` holds the id of a row of `table`.

    `names` are the columns by which people call such a row.
    """

    key: Expression
    table: FromClause
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a grid, which people can also filter by.

    `order` makes it sortable; `links` leads to the record's page; `write` words values in
    a way of its own; `css` may be "lead-cell" or "side-cell", the head of a phone's card.
    `options` are the words of a choice; `reference` says what record the words are of. `read`
    gives the values that typed text may stand for, as a barcode with or without check digit.
    `sums` says that the values may be added up.
    """

    name: str
    label: str
    value: Expression
    kind: Kind = Kind.TEXT
    order: Order | None = None
    links: bool = False
    write: Callable[[Any], str] | None = None
    css: str = ""
    options: "Sequence[Option]" = ()
    reference: Reference | None = None
    read: Callable[[str], Sequence[object]] | None = None
    sums: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A sum shown below a column when the rows are few enough to be counted exactly."""

    column: str
    label: str
    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the pages of one table show and who may see them.

    `path` is the address of the grid; a record's page is `path`/id. `database` names the
    engine. `order` names the column the grid is ordered by when nothing else is asked.
    `search` is a lower-case text column with a trigram index. `more` are columns that people
    may choose to see and filter by. `guarded` columns are there for those with the permission
    only; `scopes` says which rows a visitor may see. `codes` are what a scanned or typed code
    is compared with before anything else. `create`, `history`, `edit`, `delete` and
    `export` are needed for what the page offers; without one it is not offered. Where nothing
    is yet, `is_imported` leads to the imports.
    """

    path: str
    title: str
    one: str
    many: str
    icon: str
    empty: str
    permission: Permission
    database: str
    table: FromClause
    key: ColumnElement[UUID]
    columns: tuple[Column, ...]
    order: str
    filters: "tuple[Filter, ...]" = ()
    search: Expression | None = None
    search_hint: str = ""
    total: Total | None = None
    more: tuple[Column, ...] = ()
    guarded: Mapping[str, Permission] = field(default_factory=dict)
    scopes: "Callable[[Visitor], Sequence[ColumnElement[bool]]] | None" = None
    codes: tuple[Column, ...] = ()
    create: Permission | None = None
    history: Permission | None = None
    edit: Permission | None = None
    delete: Permission | None = None
    export: Permission | None = None
    is_imported: bool = False

    def is_kept_there(self, visitor: "Visitor") -> bool:
        """Tell whether this is changed at head office, and not on this node."""
        needs = (self.create, self.edit, self.delete)
        kept = visitor.kept_there or ()
        return any(need is not None and need.name in kept for need in needs)

    @property
    def orders(self) -> Mapping[str, Order]:
        """Every way the grid can be ordered, by the name of its column."""
        return {c.name: c.order for c in (*self.columns, *self.more) if c.order is not None}

    def offered_to(self, visitor: "Visitor") -> Mapping[str, Column]:
        """Give every column that a visitor may see, by name, those shown at first in front."""
        return {
            column.name: column
            for column in (*self.columns, *self.more)
            if (need := self.guarded.get(column.name)) is None or visitor.may(need)
        }

    def conditions_for(self, visitor: "Visitor") -> tuple[ColumnElement[bool], ...]:
        """Say which rows a visitor may see; whoever reads rows for a visitor asks this."""
        return tuple(self.scopes(visitor)) if self.scopes is not None else ()

    def record_path(self, key: UUID) -> str:
        """Give the address of one record's page."""
        return f"{self.path}/{key}"
