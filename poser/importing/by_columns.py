# SPDX-License-Identifier: Apache-2.0
"""Importers that are made from the columns of a source and the models, without a line of code.

A column belongs to the field of its name, whatever its case. `department.number` is the
department whose number it is. What nothing matches is an error: a column that is silently left
out is found out months later.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Column, Date, DateTime, Integer, Numeric, Table, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase

import poser.model
from poser.db.base import Model, mappers
from poser.db.limited import LIMITED, gives_rights
from poser.errors import ImportFailed
from poser.importing.fields import Field, Find
from poser.importing.importer import Importer, Made
from poser.importing.shaping import Read, day, moment, number

_NOT_IN_NAMES = re.compile(r"[^a-z0-9.]+")

AnyModel = type[DeclarativeBase]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """How a source writes numbers and days, and of which zone its times are."""

    number: Read | None = None
    day: Read | None = None
    moment: Read | None = None

    def read(self, column: "Column[Any]") -> Read | None:
        """Give the reader for a column; None where its own kind reads it."""
        if isinstance(column.type, Integer | Numeric):
            return self.number
        if isinstance(column.type, DateTime):
            return self.moment
        return self.day if isinstance(column.type, Date) else None


def shapes(*, numbers: str = "", days: str = "", zone: str = "") -> Shapes:
    """Read what people say of it: 1.234,56 and DD.MM.YYYY and America/Chicago."""
    patterns = tuple(each.strip() for each in days.split(",") if each.strip())
    return Shapes(
        number=number(numbers) if numbers else None,
        day=day(*patterns) if patterns else None,
        moment=moment(zone, *patterns) if zone else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a source for one model: `where` they are, their names, and what is said.

    `only` are the fields that are wanted; then other columns need not match. `ignore` are
    columns that nobody reads.
    """

    model: AnyModel
    where: str
    names: Sequence[str]
    key: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    source: str = ""
    shapes: Shapes = field(default_factory=Shapes)


def importer_of(columns: Columns) -> Importer:
    """Make the importer. Raises ImportFailed for a column that matches nothing, or no key."""
    fields: dict[str, Field] = {}
    for place, name in enumerate(columns.names, start=1):
        if not name or name in columns.ignore:
            continue
        for found in _fields(columns, name, place):
            if columns.only and found.name not in (*columns.only, *columns.key):
                continue
            if found.name in fields:
                raise ImportFailed(
                    f"{columns.where}: {fields[found.name].said!r} and {name!r} are both"
                    f" {columns.model.__name__}.{found.name}",
                    hint=f"--ignore {name!r} leaves one out",
                )
            fields[found.name] = found
    return Made(
        model=columns.model,
        key=_key(columns, fields),
        fields=tuple(fields.values()),
        source=columns.source,
    ).importer()


def all_fields(model: AnyModel, names: Iterable[str] | None = None) -> Importer:
    """Make an importer of all fields of a model, or those of them that are among `names`."""
    table = _table(model)
    ours = [column.name for column in table.columns if column.computed is None]
    known = set(ours if names is None else names)
    return Made(
        model=model,
        key=tuple(column.name for column in table.primary_key),
        fields=tuple(Field(name) for name in ours if name in known),
    ).importer()


def models_named(names: Iterable[str]) -> list[AnyModel]:
    """Find models by their names or those of their tables, parents first; all without a name."""
    known = models()
    by_name = {model.__name__.lower(): model for model in known}
    by_name |= {str(model.__tablename__).lower(): model for model in known}
    wanted = set()
    for name in names:
        if name.lower() not in by_name:
            near = get_close_matches(name.lower(), by_name, n=1)
            hint = f"did you mean {by_name[near[0]].__name__}?" if near else "see docs/schema.md"
            raise ImportFailed(f"there is no model {name!r}", hint=hint)
        wanted.add(by_name[name.lower()])
    return [model for model in known if model in wanted or not wanted]


def models() -> list[AnyModel]:
    """List the models whose rows may come from elsewhere, parents first.

    What belongs to a node alone, such as its sessions and its history, is not among them; nor
    is what gives rights, in work of somebody without every right.
    """
    poser.model.load()
    by_table = {mapper.local_table: mapper.class_ for mapper in mappers()}
    return [
        by_table[table]
        for table in Model.metadata.sorted_tables
        if table in by_table
        and table.info.get("capture", True)
        and not (LIMITED.get() and gives_rights(table))
    ]


def natural_key(model: AnyModel, names: Iterable[str]) -> tuple[str, ...]:
    """Give the fields that tell rows of a model apart: its id, or else what is unique of it."""
    have = set(names)
    if "id" in have:
        return ("id",)
    table = _table(model)
    for columns in sorted(_unique(table), key=lambda columns: _order(table, columns)):
        if have.issuperset(columns):
            return columns
    return ()


def _fields(columns: Columns, name: str, place: int) -> Iterator[Field]:
    """Match a column of the source with a field, or with two where a name is kept as a copy."""
    said = _NOT_IN_NAMES.sub("_", name.strip().lower()).strip("_")
    table = _table(columns.model)
    thing, _, by = said.partition(".")
    column = table.columns.get(f"{thing}_id" if by else thing)
    if column is not None and column.computed is None:
        if not by:
            yield Field(column.name, name, read=columns.shapes.read(column))
            return
        if find := _found(column, by):
            yield Field(column.name, name, find=find)
            for copy, of in _copies(column):
                yield Field(copy, name, find=replace(find, take=of))
            return
    if not columns.only:
        raise ImportFailed(
            f"{columns.where}: column {place}, {name!r}, is no field of {columns.model.__name__}",
            hint=f"{_near(table, said)}; --ignore {name!r} leaves the column out",
        )


def _copies(column: "Column[Any]") -> Iterator[tuple[str, str]]:
    """Say which columns keep a copy of what a reference leads to, and of what."""
    for constraint in column.table.foreign_key_constraints:
        if column.name in constraint.column_keys and len(constraint.column_keys) > 1:
            for key in constraint.elements:
                if key.parent.name != column.name:
                    yield key.parent.name, key.column.name


def _found(column: "Column[Any]", by: str) -> Find | None:
    """Say which row a reference means, when one field of it is known."""
    by_table = {mapper.local_table: mapper.class_ for mapper in mappers()}
    for key in column.foreign_keys:
        target = key.column.table
        if key.column.name == "id" and by in target.columns and target in by_table:
            return Find(by_table[target], by)
    return None


def _key(columns: Columns, fields: dict[str, Field]) -> tuple[str, ...]:
    by_said = {each.said: each.name for each in fields.values()}
    if columns.key:
        key = tuple(by_said.get(name, name) for name in columns.key)
        for name in key:
            if name not in fields:
                raise ImportFailed(
                    f"{columns.where}: has no column {name!r}, which is the key",
                    hint=f"it has {', '.join(filter(None, columns.names))}",
                )
        return key
    if key := natural_key(columns.model, fields):
        return key
    known = sorted({", ".join(each) for each in (("id",), *_unique(_table(columns.model)))})
    raise ImportFailed(
        f"{columns.where}: no columns tell one {columns.model.__name__} from another",
        hint=f"--key names them; unique are: {'; '.join(known)}",
    )


def _unique(table: Table) -> set[tuple[str, ...]]:
    of_constraints = (
        tuple(column.name for column in each.columns)
        for each in table.constraints
        if isinstance(each, UniqueConstraint)
    )
    return {columns for columns in of_constraints if "id" not in columns}


def _order(table: Table, columns: tuple[str, ...]) -> tuple[int, list[int]]:
    """Prefer fewer columns, and those that stand before others in the table."""
    places = [column.name for column in table.columns]
    return len(columns), [places.index(name) for name in columns]


def _near(table: Table, said: str) -> str:
    names = [column.name for column in table.columns if column.computed is None]
    references = [
        f"{column.name.removesuffix('_id')}.{other.name}"
        for column in table.columns
        for key in column.foreign_keys
        for other in key.column.table.columns
        if column.name.endswith("_id") and other.name not in {"id", "created_at", "modified_at"}
    ]
    near = get_close_matches(said, [*names, *references], n=1)
    return f"did you mean {near[0]!r}?" if near else f"fields are {', '.join(names)}"


def _table(model: AnyModel) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - models are of tables
    return table
