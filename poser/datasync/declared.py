# SPDX-License-Identifier: Apache-2.0
"""The tables that are kept in step, as their models declare it, in the order of references."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Column, MetaData, Table

from poser.db.base import Model
from poser.model.syncing import Flow, Sync


@dataclass(frozen=True, slots=True)
class Synced:
    """One table that is kept in step: its name, what was declared, the columns that are sent.

    `loose` are columns that may be empty and refer to rows which not every node has: they are
    left empty where the row is missing.
    """

    name: str
    sync: Sync
    columns: tuple[str, ...]
    loose: Mapping[str, str]


def synced(metadata: MetaData = Model.metadata) -> Mapping[str, Synced]:
    """Return what is kept in step, by table; a table comes after all that it refers to.

    The models, also those of extensions, must have been imported (poser.extensions.load_models).
    """
    return _synced(metadata, len(metadata.tables))


@cache
def _synced(metadata: MetaData, _count: int) -> Mapping[str, Synced]:
    return {one.name: one for one in _found(metadata)}


def _found(metadata: MetaData) -> Iterator[Synced]:
    for table in metadata.sorted_tables:
        sync = table.info.get("sync")
        if sync is not None and sync.flow is not Flow.NONE:
            columns = tuple(column.name for column in table.columns if _is_sent(column))
            loose = dict(_loose(table, columns))
            yield Synced(name=table.name, sync=sync, columns=columns, loose=loose)


def _is_sent(column: Column[object]) -> bool:
    """Leave out what each node computes, and what history leaves out as a node's own matter."""
    return column.computed is None and column.info.get("history") is not False


def _loose(table: Table, columns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for constraint in table.foreign_key_constraints:
        (key, *more) = constraint.elements
        target = key.column.table.info.get("sync")
        column = key.parent
        if more or not column.nullable or column.name not in columns or target is None:
            continue
        if target.is_scoped or target.flow is Flow.NONE:
            yield column.name, key.column.table.name
