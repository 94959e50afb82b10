# SPDX-License-Identifier: Apache-2.0
"""Writing many records at once: one statement, after a look at what it would do.

The look and the deed read the same conditions. The deed is done only if it concerns exactly
as many rows as people were shown.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, select, update
from sqlalchemy.orm import Session

from poser.errors import PoserError
from web.resources.choice import MOST_CHOSEN, Choice
from web.resources.columns import called
from web.resources.resource import Verb
from web.resources.writing import NotYours, Wish, Writing

SHOWN = 20


class Moved(PoserError):  # noqa: N818 - what happened
    """The rows that were shown are no longer those that are there."""


class Look(NamedTuple):
    """What would be done: to how many of how many rows, and the first of them."""

    many: int
    chosen: int
    rows: "Sequence[Row[*tuple[Any, ...]]]"


def look_at_change(session: Session, choice: Choice, wish: Wish) -> Look:
    """Count the rows that would change, and read the first with their old values."""
    table = choice.resource.table
    conditions = choice.conditions(Verb.EDIT)
    column = table.c[wish.field.name]
    differs = column.is_distinct_from(wish.value)
    target = next((key.column.table for key in column.foreign_keys), None)
    old: ColumnElement[Any] = column if target is None else called(target, column)
    count, chosen = _counts(session, choice, conditions, differs)
    rows = session.connection().execute(
        select(table.c.id, _name(choice).label("called"), old.label("old"))
        .where(*conditions, differs)
        .order_by(table.c.id)
        .limit(SHOWN)
    )
    return Look(count, chosen, rows.all())


def look_at_removal(session: Session, choice: Choice) -> Look:
    """Count the rows that would go, and read the first of them."""
    table = choice.resource.table
    conditions = choice.conditions(Verb.DELETE)
    count, chosen = _counts(session, choice, conditions)
    rows = session.connection().execute(
        select(table.c.id, _name(choice).label("called"))
        .where(*conditions)
        .order_by(table.c.id)
        .limit(SHOWN)
    )
    return Look(count, chosen, rows.all())


def change_all(writing: Writing, choice: Choice, wish: Wish, expected: int) -> int:
    """Write one value into all chosen rows that have another; tell how many.

    Raises Moved when they are not as many as expected, and NotYours when one of them would
    then belong to a store that is not the visitor's; nothing is written then.
    """
    table = choice.resource.table
    values = writing.bound({wish.field.name: wish.value})
    differs = table.c[wish.field.name].is_distinct_from(wish.value)
    statement = update(table).where(*choice.conditions(Verb.EDIT), differs).values(values)
    keys = _done(writing, statement.returning(table.c.id), expected)
    scope = choice.resource.conditions_for(writing.visitor, Verb.EDIT)
    if scope:
        mine = select(func.count()).select_from(table).where(table.c.id.in_(keys), *scope)
        if writing.session.execute(mine).scalar_one() != len(keys):
            raise NotYours(choice.resource)
    return len(keys)


def remove_all(writing: Writing, choice: Choice, expected: int) -> int:
    """Delete all chosen rows; tell how many. Raises Moved when they are not as expected."""
    table = choice.resource.table
    statement = delete(table).where(*choice.conditions(Verb.DELETE)).returning(table.c.id)
    return len(_done(writing, statement, expected))


def _done(writing: Writing, statement: Any, expected: int) -> list[UUID]:  # noqa: ANN401 - SQL
    keys = list(writing.session.execute(statement).scalars())
    if len(keys) != expected:
        raise Moved("the rows are not the same any more", hint="look at them again")
    return keys


def _name(choice: Choice) -> ColumnElement[Any]:
    """Say how people call a row."""
    resource = choice.resource
    column = resource.table.c[resource.label]
    target = next((key.column.table for key in column.foreign_keys), None)
    return column if target is None else called(target, column)


def _counts(
    session: Session,
    choice: Choice,
    conditions: Sequence[ColumnElement[bool]],
    concerned: ColumnElement[bool] | None = None,
) -> tuple[int, int]:
    """Count the rows that are concerned and all that were chosen, up to one more than may be."""
    some = (
        select((concerned if concerned is not None else choice.resource.table.c.id.is_not(None))
        .label("hit"))
        .select_from(choice.resource.table)
        .where(*conditions)
        .limit(MOST_CHOSEN + 1)
        .subquery()
    )  # fmt: skip
    row = session.connection().execute(
        select(func.count().filter(some.c.hit), func.count()).select_from(some)
    )
    count, chosen = row.one()
    return count, chosen
