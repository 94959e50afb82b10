# SPDX-License-Identifier: Apache-2.0
"""How one field of a model is got from a source record, declared as values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase


class _Unset:
    def __repr__(self) -> str:
        return "UNSET"


UNSET = _Unset()
"""Stands for "nothing was said", where None is a value."""


@dataclass(frozen=True, slots=True)
class Find:
    """The id of the row of `model` whose field `by` has the value, such as a department's.

    `take` names another field of that row than its id: for a copy that the model keeps beside
    the id. A row that the same run is about to create is found too. A value that no row has
    refuses the record, unless it is empty: then there is no reference.
    """

    model: "type[DeclarativeBase]"
    by: str
    take: str = "id"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the model, and where its value comes from.

    `source` is the name of the value in the source's records; without it, the field's own.
    The value is read by the column's type, or by `read`, which gets what the source has and
    returns the value, None for none; it raises ValueError with a reason to refuse the record.
    `value` is the same for all records, whatever the source has. `default` stands for a value
    that is empty or missing; without it an empty value is NULL, or the column's own default
    where it may not be NULL. With `find` the value names another row. `write` is for exports
    what `read` is for imports: it gets the value and returns what `read` understands.
    """

    name: str
    source: str = ""
    read: Callable[[object], object] | None = None
    find: Find | None = None
    value: object = UNSET
    default: object = UNSET
    write: Callable[[object], object] | None = None

    @property
    def said(self) -> str:
        """The name of the value in the source's records."""
        return self.source or self.name


def named(**sources: str) -> tuple[Field, ...]:
    """Make plain fields, each of what the source calls it: `number="supplier_id"`."""
    return tuple(Field(name, source) for name, source in sources.items())
