# SPDX-License-Identifier: Apache-2.0
"""Whose rows: staff who are limited to some stores see those stores' rows and no others."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Table, literal_column, or_, select, text

from poser.model.syncing import NOBODY_ELSE, Flow, Sync
from web.visits import Visitor


def of_numbers(column: "ColumnElement[Any]", visitor: Visitor) -> tuple[ColumnElement[bool], ...]:
    """Say which rows a visitor may see of what tills wrote, who know stores by their numbers."""
    return () if visitor.stores is None else (column.in_(sorted(visitor.store_numbers)),)


def of_this_node(table: Table) -> tuple[ColumnElement[bool], ...]:
    """Say which rows of a table that head office keeps are this node's own.

    Nothing where that is not asked: other tables are changed as a whole, or not at all.
    """
    sync = table.info.get("sync")
    if not isinstance(sync, Sync) or sync.flow is not Flow.DOWN or not sync.has_own_rows:
        return ()
    own: Select[tuple[UUID]] = select(literal_column("r.id")).select_from(
        text(f"{table.name} AS r")
    )
    return (table.c.id.in_(own.where(text(f"({sync.recipients}) = {NOBODY_ELSE}"))),)


def of_stores(
    table: Table, path: str, stores: Collection[UUID], *, shared: bool
) -> ColumnElement[bool]:
    """Say which rows of a table belong to some stores; `shared` adds those of all stores.

    `path` names the column with the store, such as store_id, or leads to it over references,
    such as purchase_id.store_id. A row without a store holds in all of them: a price for all
    stores is seen in each, and changed by nobody who is limited to one.
    """
    return _of(table, path.split("."), sorted(stores), shared=shared)


def _of(
    table: FromClause, path: list[str], stores: list[UUID], *, shared: bool
) -> ColumnElement[bool]:
    column = table.c[path[0]]
    if len(path) == 1:
        found = column.in_(stores)
    else:
        (reference,) = column.foreign_keys
        there = reference.column
        rest = _of(there.table, path[1:], stores, shared=shared)
        found = column.in_(select(there).where(rest))
    return or_(column.is_(None), found) if shared and column.nullable else found
