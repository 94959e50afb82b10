# SPDX-License-Identifier: Apache-2.0
"""Writing records for a visitor: forms, cells of grids and the API all write through here.

Whoever writes says what a field was when the person last saw it, as text. What somebody else
has changed meanwhile is never written over: the writer is told, field by field.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    JSON,
    Delete,
    Enum,
    String,
    Text,
    Update,
    cast,
    delete,
    exists,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy import Column as TableColumn
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, INET, TSTZRANGE
from sqlalchemy.orm import Session

from poser.errors import PoserError
from web.language import _
from web.resources.fields import Field
from web.resources.reading import Record, find_record
from web.resources.resource import NOT_EDITED, Resource, Verb
from web.resources.scope import of_this_node
from web.resources.typed import again, typed
from web.visits import Visitor

Values = Mapping[str, object]
_AS_TEXT = (JSON, ARRAY, DATERANGE, TSTZRANGE, INET)
"""Types whose values are read as the text that PostgreSQL takes."""


class NotThere(PoserError, LookupError):  # noqa: N818 - what happened
    """The record is gone, or not one that this visitor may write."""


class NotYours(PoserError, PermissionError):  # noqa: N818 - what happened
    """What was to be written is beyond this visitor: of another store, or with more rights."""

    def __init__(self, resource: Resource) -> None:
        if resource.reach is not None:
            super().__init__(
                _("this {what} would have more rights than you have").format(what=_(resource.one)),
                hint=_("ask somebody who may do all that"),
            )
        else:
            super().__init__(
                _("this {what} would belong to a store that is not yours").format(
                    what=_(resource.one)
                ),
                hint=_("choose a store of yours"),
            )


class KeptThere(NotYours):
    """What was to be written goes to all nodes, so that head office alone writes it."""

    def __init__(self, resource: Resource) -> None:
        PoserError.__init__(
            self,
            _("this {what} would be kept at head office").format(what=_(resource.one)),
            hint=_("let it stay on this node only, or add it at head office"),
        )


class ChangedMeanwhile(PoserError):  # noqa: N818 - what happened
    """Somebody else changed fields that this writer wants to change, too: `fields`, as they are."""

    def __init__(self, record: Record, fields: Iterable[str]) -> None:
        self.record = record
        self.fields = tuple(fields)
        names = ", ".join(self.fields)
        super().__init__(f"somebody else changed {names} meanwhile", hint="look at it again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A new value of one field; `was` is the text that its writer saw, None to write anyhow."""

    field: Field
    value: object
    was: str | None = None


def is_editable(resource: Resource, field: Field, visitor: Visitor) -> bool:
    """Tell whether forms of this visitor take a field."""
    is_shown_only = field.is_read_only or field.name in NOT_EDITED
    return not is_shown_only and resource.may_change(visitor, field.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Records of one resource, written by one visitor in one transaction."""

    session: Session
    resource: Resource
    visitor: Visitor
    zone: ZoneInfo

    def create(self, values: Values) -> UUID:
        """Add a record and give its id. Raises NotYours; refusals of the database pass."""
        table = self.resource.table
        found = insert(table).values(self.bound(values))
        key: UUID = self.session.execute(found.returning(table.c.id)).scalar_one()
        self._check_yours(key, Verb.CREATE)
        return key

    def change(self, key: UUID, wishes: Iterable[Wish]) -> tuple[str, ...]:
        """Write what differs from the record as it is, and name those fields.

        Raises NotThere, NotYours, and ChangedMeanwhile when a field is neither what its writer
        saw nor what they want; nothing is written then.
        """
        now = find_record(self.session, self.resource, key, self.visitor, verb=Verb.EDIT, lock=True)
        if now is None:
            raise NotThere(f"this {self.resource.one} is gone", hint="bring it back, then save")
        wanted = {wish.field.name: wish for wish in wishes if _differs(wish, now, self.zone)}
        stale = [name for name, wish in wanted.items() if _is_stale(wish, now, self.zone)]
        if stale:
            raise ChangedMeanwhile(now, stale)
        if wanted:
            table = self.resource.table
            values = self.bound({name: wish.value for name, wish in wanted.items()})
            self.session.execute(update(table).where(table.c.id == key).values(values))
            self._check_yours(key, Verb.EDIT)
        return tuple(wanted)

    def remove(self, key: UUID) -> None:
        """Delete a record. Raises NotThere."""
        table = self.resource.table
        conditions = self.resource.conditions_for(self.visitor, Verb.DELETE)
        self._meet(delete(table).where(table.c.id == key, *conditions))

    def touch(self, key: UUID) -> None:
        """Write a record as it is, so that it is sent to other nodes again. Raises NotThere."""
        table = self.resource.table
        conditions = self.resource.conditions_for(self.visitor, Verb.EDIT)
        self._meet(update(table).where(table.c.id == key, *conditions).values(id=table.c.id))

    def _meet(self, statement: Delete | Update) -> None:
        found = self.session.execute(statement)
        if not found.rowcount:  # type: ignore[attr-defined] # of such a statement
            raise NotThere(f"this {self.resource.one} is gone")

    def bound(self, values: Values) -> dict[str, Any]:
        """Give values as the database takes them, with those that follow from them."""
        resource = self.resource
        if resource.complete is not None:
            values = resource.complete(self.session, values)
        return {name: _bind(resource.table.c[name], value) for name, value in values.items()}

    def _check_yours(self, key: UUID, verb: Verb) -> None:
        """See that nobody wrote for a store, or gave rights, that are beyond them."""
        conditions = self.resource.conditions_for(self.visitor, verb)
        if not conditions:
            return
        mine = exists().where(self.resource.table.c.id == key, *conditions)
        if self.session.execute(select(mine)).scalar():
            return
        own = of_this_node(self.resource.table) if self.visitor.kept_there is not None else ()
        here = exists().where(self.resource.table.c.id == key, *own)
        is_here = self.session.execute(select(here)).scalar()
        raise NotYours(self.resource) if is_here else KeptThere(self.resource)


def _differs(wish: Wish, now: Record, zone: ZoneInfo) -> bool:
    if isinstance(wish.value, bytes):
        return True
    return again(wish.field, wish.value, zone) != typed(wish.field, now[wish.field.name], zone)


def _is_stale(wish: Wish, now: Record, zone: ZoneInfo) -> bool:
    return wish.was is not None and typed(wish.field, now[wish.field.name], zone) != wish.was


def _bind(column: "TableColumn[Any]", value: object) -> object:
    is_text = isinstance(value, str) and not isinstance(column.type, String | Enum)
    if is_text and isinstance(column.type, _AS_TEXT):
        return cast(literal(value, Text), column.type)
    return value
