# SPDX-License-Identifier: Apache-2.0
"""The one declaration from which the pages of a table are made.

A `Subject` says in about thirty lines what a grid shows, how it can be searched, filtered
and ordered, and which permission it needs. Grids, CSV files and links all read it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause

from web.permissions import Permission

if TYPE_CHECKING:
    from web.grid.filters import Filter

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
class Column:
    """One column of a grid.

    `order` makes it sortable; `links` leads to the record's page; `write` words values in
    a way of its own; `css` may be "lead-cell" or "side-cell", the head of a phone's card.
    """

    name: str
    label: str
    value: Expression
    kind: Kind = Kind.TEXT
    order: Order | None = None
    links: bool = False
    write: Callable[[Any], str] | None = None
    css: str = ""


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
    `search` is a lower-case text column with a trigram index.
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

    @property
    def orders(self) -> Mapping[str, Order]:
        """Every way the grid can be ordered, by the name of its column."""
        return {c.name: c.order for c in self.columns if c.order is not None}

    def record_path(self, key: UUID) -> str:
        """Give the address of one record's page."""
        return f"{self.path}/{key}"
