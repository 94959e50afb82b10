# SPDX-License-Identifier: Apache-2.0
"""Two records that turn out to be one: what refers to the one that goes refers to the other.

References are found from the foreign keys of all tables. The preview does the whole merge and
takes it back, so what it says is what will happen, and what cannot be is said before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, and_, false, func, not_, select, update
from sqlalchemy.orm import Session

from poser.db.refused import refused
from poser.errors import PoserError
from web.language import _
from web.refusals import told
from web.resources.resource import Resource, Verb
from web.resources.writing import Wish, Writing


class KeptThere(PoserError, PermissionError):  # noqa: N818 - what happened
    """Rows that only head office changes refer to the record that would go."""

    def __init__(self, resource: Resource) -> None:
        super().__init__(
            _("{what}, which are kept at head office, refer to the record that would go").format(
                what=_(resource.title)
            ),
            hint=_("merge them in the web app of head office"),
        )


class NotAllYours(PoserError, PermissionError):  # noqa: N818 - what happened
    """Rows that this visitor may not change refer to the record that would go."""

    def __init__(self) -> None:
        super().__init__(
            _("rows that you may not change refer to the record that would go"),
            hint=_("ask somebody who may change the rows of all stores"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointing:
    """Rows of a table that refer to the record that goes."""

    table: str
    column: str
    rows: int


def references_to(table: Table) -> list[Column[object]]:
    """List the columns of all tables that refer to a table's rows."""
    found = [
        key.parent
        for other in table.metadata.sorted_tables
        for key in other.foreign_keys
        if key.column.table is table and key.column.name == "id"
    ]
    return sorted(found, key=lambda column: (column.table.name, column.name))


def pointing_at(session: Session, resource: Resource, key: UUID) -> list[Pointing]:
    """Count the rows that refer to a record, by table and column."""
    columns = references_to(resource.table)
    if not columns:
        return []
    counts = [
        select(func.count()).select_from(c.table).where(c == key).scalar_subquery() for c in columns
    ]
    row = session.connection().execute(select(*counts)).one()
    return [
        Pointing(table=column.table.name, column=column.name, rows=many)
        for column, many in zip(columns, row, strict=True)
        if many
    ]


def merge(
    writing: Writing,
    keep: UUID,
    gone: UUID,
    wishes: Iterable[Wish],
    known: Mapping[str, Resource],
) -> None:
    """Let everything refer to `keep`, delete `gone`, and give `keep` the chosen values.

    In this order, so that a value which no two records share can move over. Raises NotThere,
    NotAllYours for rows of other stores, and KeptThere for those that only head office changes;
    refusals of the database pass as they are. `known` are the resources by their tables.
    """
    session = writing.session
    _require_all_yours(writing, gone, known)
    for column in references_to(writing.resource.table):
        session.execute(
            update(column.table)
            .where(column == gone, *_not_itself(column, keep))
            .values({column.name: keep})
        )
    writing.remove(gone)
    writing.change(keep, wishes)


def _require_all_yours(writing: Writing, gone: UUID, known: Mapping[str, Resource]) -> None:
    """Raise NotAllYours or KeptThere where a row refers to it that this visitor may not change."""
    for column in references_to(writing.resource.table):
        resource = known.get(column.table.name)
        is_kept = resource is not None and resource.grid.is_kept_there(writing.visitor)
        if resource is not None and is_kept and _refers(writing, column, gone):
            raise KeptThere(resource)
        mine = resource.conditions_for(writing.visitor, Verb.EDIT) if resource else ()
        if mine:
            others = not_(func.coalesce(and_(*mine), false()))
            if _refers(writing, column, gone, others):
                raise NotAllYours


def _refers(
    writing: Writing, column: Column[object], gone: UUID, *conditions: ColumnElement[bool]
) -> bool:
    rows = select(column.table.c.id).where(column == gone, *conditions).limit(1)
    return writing.session.execute(rows).first() is not None


def try_merge(
    writing: Writing,
    keep: UUID,
    gone: UUID,
    wishes: Iterable[Wish],
    known: Mapping[str, Resource],
) -> str:
    """Merge and take it back at once; say why it cannot be, empty when it can."""
    session = writing.session
    point = session.begin_nested()
    try:
        merge(writing, keep, gone, wishes, known)
    except (NotAllYours, KeptThere) as error:
        point.rollback()
        return told(error)
    except Exception as error:
        point.rollback()
        why = refused(error, session.connection())
        if why is None:
            raise
        return told(why)
    point.rollback()
    return ""


def chosen(
    form_fields: Mapping[str, object], kept: Mapping[str, object], other: Mapping[str, object]
) -> dict[str, bool]:
    """Propose for each field whose value stays: the other's where the kept record has none."""
    return {
        name: kept[name] in (None, "") and other[name] not in (None, "") for name in form_fields
    }


def _not_itself(column: Column[object], keep: UUID) -> list[ColumnElement[bool]]:
    """Let no record of the table come to refer to itself."""
    if column.table is next(iter(column.foreign_keys)).column.table:
        return [column.table.c.id != keep]
    return []
