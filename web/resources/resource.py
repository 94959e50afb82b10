# SPDX-License-Identifier: Apache-2.0
"""What a module of `web/pages` says of a table: one value with many readers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table
from sqlalchemy.orm import DeclarativeBase, Session

from web.grid.filters import Filter
from web.grid.subject import Column, Expression, Subject, Total
from web.menu import Area
from web.permissions import Permission
from web.resources.columns import CODES, column_of, default_filters, others, text_search
from web.resources.fields import Field, field_of
from web.resources.scope import of_stores, of_this_node
from web.visits import Visitor

NOT_EDITED = frozenset({"id", "created_at", "modified_at", "search"})
"""Columns that the database fills in by itself."""


class Verb(StrEnum):
    """What can be done with the records of a table; each is a permission of its own."""

    VIEW = "view"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    MERGE = "merge"
    EXPORT = "export"
    HISTORY = "history"


_SAID = {
    Verb.VIEW: "See {many}",
    Verb.CREATE: "Add {many}",
    Verb.EDIT: "Change {many}",
    Verb.DELETE: "Delete {many}",
    Verb.MERGE: "Merge two {many} into one",
    Verb.EXPORT: "Take {many} away as CSV or XLSX",
    Verb.HISTORY: "See who changed {many}, when and how",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Fields that stand together on the record's page and in its form, by name."""

    title: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Rows of another table that belong to the record: shown below it, with a way to add one.

    `table` is the other table's name, whose own resource says how it looks; `by` is its
    column that refers to this record. `columns` are those shown, else all of its grid's but `by`.
    """

    table: str
    by: str
    title: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One more thing to do with a record: a button that posts to `record/name`.

    `run` gets a writing session and the record's id, and returns the sentence that is shown
    then. `available` tells for which records the button is shown.
    """

    name: str
    label: str
    icon: str
    permission: Permission
    run: Callable[[Any, UUID], str]
    available: Callable[[Any], bool] = lambda _: True
    is_dangerous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One more page of each record, at `record/name`, which the module brings as a route."""

    name: str
    label: str
    permission: Permission


Completes = Callable[[Session, Mapping[str, object]], Mapping[str, object]]
"""Gives the values of a row with those that follow from them, such as a copied name."""


def _only_verbs() -> frozenset[Verb]:
    return frozenset(Verb) - {Verb.MERGE}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """Everything that the pages of one table need to know.

    `model` is the mapped class; names of its columns stand for `Column` and `Field` values made
    of what the model says of them (label, help, kind, list of words, what it refers to).
    `label` is the column by which people call a record. `is_small` says that there are never
    more than a few thousand rows, so every column can be ordered by. `can` are the verbs that
    are offered. `guarded` gives fields a permission of their own, without which they are
    neither shown nor written; `guarded_edit` asks one more of who writes them. `complete` adds
    to values about to be written what follows from them; every writer asks it. `store` is the
    column (or the way to it, such as purchase_id.store_id) by which staff see their own stores'
    rows only; `scopes` says more of which rows a visitor sees, and `reach` of which of these
    may be written by them, whatever the permission. `record` replaces the record's page with
    one written by hand (a Falcon resource). `columns_more` are offered by the column chooser
    and not shown at first. The empty grid of what `is_imported` leads to the imports, too.
    """

    model: type[DeclarativeBase]
    path: str
    title: str
    one: str
    many: str
    icon: str
    area: Area
    about: str
    empty: str
    label: str
    order: str
    columns: tuple[str | Column, ...]
    columns_more: tuple[str | Column, ...] = ()
    rank: int = 50
    in_menu: bool = True
    database: str = "poser"
    search: Expression | str | None = None
    search_hint: str = ""
    filters: tuple[Filter, ...] = ()
    sections: tuple[Section, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=dict)
    related: tuple[Related, ...] = ()
    actions: tuple[Action, ...] = ()
    tabs: tuple[Tab, ...] = ()
    can: frozenset[Verb] = field(default_factory=_only_verbs)
    guarded: Mapping[str, Permission] = field(default_factory=dict)
    guarded_edit: Mapping[str, Permission] = field(default_factory=dict)
    complete: Completes | None = None
    store: str = ""
    is_small: bool = False
    is_imported: bool = False
    total: Total | None = None
    record: object | None = None
    reach: Callable[[Visitor], Sequence[ColumnElement[bool]]] | None = None
    scopes: Callable[[Visitor], Sequence[ColumnElement[bool]]] | None = None

    @cached_property
    def table(self) -> Table:
        """The table that the model stands for."""
        table = self.model.__table__
        assert isinstance(table, Table)  # noqa: S101 - no model here maps anything else
        return table

    @property
    def noun(self) -> str:
        """The subject of its permissions, such as vendors."""
        return self.path.strip("/").replace("-", "_").replace("/", "_")

    @property
    def has_history(self) -> bool:
        """Tell whether changes of these records are kept, unless somebody switches it off."""
        return self.database == "poser" and bool(self.table.info.get("history", True))

    def offers(self, verb: Verb) -> bool:
        """Tell whether these pages do something at all; history is there wherever it is kept."""
        return self.has_history if verb is Verb.HISTORY else verb in self.can

    def permission(self, verb: Verb) -> Permission:
        """Give the permission to do something with these records."""
        return Permission(f"{self.noun}.{verb}", _SAID[verb].format(many=self.many))

    @cached_property
    def permissions(self) -> tuple[Permission, ...]:
        """Every permission that these pages ask for."""
        verbs = tuple(self.permission(verb) for verb in Verb if self.offers(verb))
        guards = (*self.guarded.values(), *self.guarded_edit.values())
        tabs = (tab.permission for tab in self.tabs)
        more = (*guards, *tabs, *(action.permission for action in self.actions))
        return tuple(dict.fromkeys((*verbs, *more)))

    @cached_property
    def form(self) -> Mapping[str, Field]:
        """The fields of the record by name, in the order of the sections."""
        names = [name for section in self.all_sections for name in section.fields]
        return {name: self.fields.get(name) or field_of(self.table.c[name]) for name in names}

    @cached_property
    def all_sections(self) -> tuple[Section, ...]:
        """The sections of the record; without a word about them, one with every column."""
        if self.sections:
            return self.sections
        names = tuple(c.name for c in self.table.c if c.name not in NOT_EDITED and not c.computed)
        return (Section(title="", fields=names),)

    @cached_property
    def grid(self) -> Subject:
        """What the grid of these records shows."""
        return Subject(
            path=self.path,
            title=self.title,
            one=self.one,
            many=self.many,
            icon=self.icon,
            empty=self.empty,
            permission=self.permission(Verb.VIEW),
            database=self.database,
            table=self.table,
            key=self.table.c.id,
            columns=tuple(self._column(each) for each in self.columns),
            order=self.order,
            filters=(*self.filters, *default_filters(self.table, self.columns)),
            search=text_search(self.table, self.search),
            search_hint=self.search_hint,
            total=self.total,
            more=self._more(),
            guarded=self.guarded,
            scopes=self.conditions_for,
            codes=tuple(self._column(name) for name in CODES if name in self.table.c),
            create=self._may(Verb.CREATE),
            history=self._may(Verb.HISTORY),
            edit=self._may(Verb.EDIT),
            delete=self._may(Verb.DELETE),
            export=self._may(Verb.EXPORT),
            is_imported=self.is_imported,
        )

    def _may(self, verb: Verb) -> Permission | None:
        return self.permission(verb) if self.offers(verb) else None

    def _more(self) -> tuple[Column, ...]:
        """Give the columns that can be chosen: those said, then all others of the table."""
        said = tuple(self._column(each) for each in self.columns_more)
        known = (*(self._column(each) for each in self.columns), *said)
        return (*said, *(self._column(name) for name in others(self.table, known)))

    def record_path(self, key: UUID) -> str:
        """Give the address of one record's page."""
        return f"{self.path}/{key}"

    def conditions_for(
        self, visitor: Visitor, verb: Verb = Verb.VIEW
    ) -> tuple[ColumnElement[bool], ...]:
        """Say which rows a visitor may see, or do something else with.

        Whoever reads or writes rows for a visitor asks this. Who is limited to some stores
        sees rows without a store too, since they hold in all stores, but does not write them.
        Where head office keeps the table, the node's own rows alone are written.
        """
        found = tuple(self.scopes(visitor)) if self.scopes is not None else ()
        is_reading = verb in {Verb.VIEW, Verb.EXPORT}
        if self.reach is not None and not is_reading:
            found += tuple(self.reach(visitor))
        if not is_reading and visitor.kept_there is not None:
            found += of_this_node(self.table)
        if not self.store or visitor.stores is None:
            return found
        return (*found, of_stores(self.table, self.store, visitor.stores, shared=is_reading))

    def may_see(self, visitor: Visitor, name: str) -> bool:
        """Tell whether a visitor may see a field; the guarded ones need their permission."""
        need = self.guarded.get(name)
        return need is None or visitor.may(need)

    def may_change(self, visitor: Visitor, name: str) -> bool:
        """Tell whether a visitor may write a field, who may write the record."""
        need = self.guarded_edit.get(name)
        return self.may_see(visitor, name) and (need is None or visitor.may(need))

    def completed(self, session: Session, values: Mapping[str, object]) -> Mapping[str, object]:
        """Add to the values about to be written what follows from them."""
        return values if self.complete is None else self.complete(session, values)

    def _column(self, each: str | Column) -> Column:
        if isinstance(each, Column):
            return each
        return column_of(self.table, each, links=each == self.label, is_small=self.is_small)
