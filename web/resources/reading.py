# SPDX-License-Identifier: Apache-2.0
"""Reading one record for a visitor: its fields, and how the records are called it refers to."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import falcon
from sqlalchemy import ColumnElement, LargeBinary, Text, cast, exists, func, select
from sqlalchemy.orm import Session

from poser.history import changes_of
from poser.model.history import VersionKind
from web.language import _
from web.resources.columns import called
from web.resources.fields import Field, Input
from web.resources.resource import Resource, Verb
from web.visits import Visitor

Record = Mapping[str, Any]
"""A record by the names of its columns; NAME.called says how a referred record is called."""


def find_record(
    session: Session,
    resource: Resource,
    key: UUID,
    visitor: Visitor,
    *,
    verb: Verb = Verb.VIEW,
    lock: bool = False,
) -> Record | None:
    """Read a record; None when there is none, or none for this visitor to see (or do `verb` with).

    `lock` keeps others from changing it until the transaction ends.
    """
    table = resource.table
    more = [
        called(target, table.c[name]).label(f"{name}.called")
        for name, field in resource.form.items()
        if field.input is Input.REFERENCE
        for target in [next(iter(table.c[name].foreign_keys)).column.table]
    ]
    columns = [_shown(column) for column in table.c]
    wanted = select(*columns, *more).where(
        table.c.id == key, *resource.conditions_for(visitor, verb)
    )
    if lock:
        wanted = wanted.with_for_update(of=table)
    row = session.connection().execute(wanted).mappings().one_or_none()
    return None if row is None else dict(row)


def read_record(
    session: Session, resource: Resource, key: UUID, visitor: Visitor, *, verb: Verb = Verb.VIEW
) -> Record:
    """Read a record as `find_record` does. Raises falcon.HTTPNotFound where there is none."""
    record = find_record(session, resource, key, visitor, verb=verb)
    if record is None:
        raise falcon.HTTPNotFound
    return record


def may_do(session: Session, resource: Resource, key: UUID, visitor: Visitor, verb: Verb) -> bool:
    """Tell whether a visitor who has a permission may use it on this very record."""
    conditions = resource.conditions_for(visitor, verb)
    if not conditions:
        return True
    wanted = exists().where(resource.table.c.id == key, *conditions)
    return bool(session.connection().execute(select(wanted)).scalar())


def was_yours(resource: Resource, visitor: Visitor, fields: Mapping[str, str | None]) -> bool:
    """Tell whether a visitor would have seen a deleted record, by what the history has of it.

    Who is limited to some stores sees those that say so themselves, and none that said it
    only over other records.
    """
    if not resource.conditions_for(visitor):
        return True
    if resource.scopes is not None or visitor.stores is None:
        return False
    return fields.get(resource.store) in {str(store) for store in visitor.stores}


def was_once_yours(session: Session, resource: Resource, key: UUID, visitor: Visitor) -> bool:
    """Tell whether a record that this visitor may not write now is one that was deleted.

    Only such a one may have been before the visitor's eyes. Of a record that is there, or was
    another store's, nothing is said.
    """
    conditions = resource.conditions_for(visitor, Verb.EDIT)
    if not conditions:
        return True
    table = resource.table
    if not resource.has_history or session.scalar(select(exists().where(table.c.id == key))):
        return False
    changes = changes_of(session, table.name, key)
    is_gone = bool(changes) and changes[-1].kind is VersionKind.DELETE
    return is_gone and was_yours(resource, visitor, changes[-1].old)


def name_of(resource: Resource, record: Record) -> str:
    """Say how people call a record; one without a name of its own, as what it is about is."""
    own = record.get(f"{resource.label}.called") or record.get(resource.label)
    about = (record.get(f"{name}.called") for name in resource.form)
    return str(own or next(filter(None, about), None) or _("(no name)"))


def fields_for(resource: Resource, visitor: Visitor) -> dict[str, Field]:
    """Give the fields that a visitor may see, by name."""
    return {name: field for name, field in resource.form.items() if resource.may_see(visitor, name)}


def _shown(column: Any) -> ColumnElement[Any]:  # noqa: ANN401 - a column of any type
    """Read a column; of a file only its size and its sum, and not its content."""
    if not isinstance(column.type, LargeBinary):
        found: ColumnElement[Any] = column
        return found
    size = cast(func.octet_length(column), Text)
    return (size + " " + func.encode(func.sha256(column), "hex")).label(column.name)
