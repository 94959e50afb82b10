# SPDX-License-Identifier: Apache-2.0
"""How one record of a source maps to a row, field by field; nothing is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.errors import ImportFailed
from poser.importing.asked import Asked
from poser.importing.becoming import Query, columns_as, otherwise, with_generated
from poser.importing.choosing import chosen
from poser.importing.compiling import PROBLEMS, compiled
from poser.importing.fields import UNSET, Field
from poser.importing.handler import ImportHandler
from poser.importing.importer import Importer, Made, Record
from poser.importing.kinds import FieldProblem
from poser.importing.parts import Column, Part, part_of, quoted, shape_of
from poser.importing.result import Kind
from poser.importing.rules import breaking, checks_of, forbidden
from poser.importing.source import Bad, Place, Source

PLACE = "line:"
"""How a record is named by where it is, such as line:14."""


@dataclass(slots=True, kw_only=True)
class Mapped:
    """One field: where it comes from, what the source has, what it becomes, what is there now.

    `given` is None for a field that needs nothing of the source. `problem` says why the value
    cannot be used; `old` and `new` are texts as PostgreSQL writes them.
    """

    name: str
    how: str
    given: object = None
    value: object = None
    problem: str = ""
    old: str | None = None
    new: str | None = None
    differs: bool = False


@dataclass(slots=True, kw_only=True)
class Explained:
    """How one record maps. `kind` is what a run would do; None for nothing."""

    model: str
    place: Place
    kind: Kind | None = None
    row_id: UUID | None = None
    problem: str = ""
    is_left_out: bool = False
    fields: list[Mapped] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Tell whether a run would keep the record aside."""
        return bool(self.problem) or any(one.problem for one in self.fields)


def explain(session: Session, handler: ImportHandler, asked: Asked, record: str) -> Explained:
    """Say how the record with a key maps to the only model that is asked for.

    `record` is the key's value, several with commas between, or `line:14`. Raises ImportFailed
    when the source has no such record.
    """
    with handler.source(asked) as source:
        importers = chosen(handler, asked, source)
        if len(importers) != 1:
            raise ImportFailed(
                f"{handler.key} has {len(importers)} importers of {', '.join(asked.models)}",
                hint="only the record of one importer can be explained",
            )
        (importer,) = importers
        place, found = _found(source, importer, record)
    told = Explained(model=importer.name, place=place)
    given = found if isinstance(found, str) else _normalized(importer, found, told)
    if isinstance(given, str):
        told.problem = given
        return told
    if given is None:
        return told
    told.fields = [_mapped(importer, one, given) for one in importer.fields]
    if handler.target(asked) is None and not told.is_refused:
        _compare(session, part_of(session, importer, asked, "explained"), told)
    return told


def how(said: Field) -> str:
    """Say how a field is got, such as `category, the Category with that number`."""
    if said.value is not UNSET:
        return f"always {said.value!r}"
    words = [said.said]
    if said.read is not None:
        reader = getattr(said.read, "__name__", "").strip("_")
        words.append(f"read by {reader}" if reader.isidentifier() else "read by a rule")
    if said.find is not None:
        which = f"the {said.find.model.__name__} with that {said.find.by}"
        words.append(which if said.find.take == "id" else f"the {said.find.take} of {which}")
    if said.default is not UNSET and said.default is not None:
        words.append(f"{said.default!r} where it is empty")
    return ", ".join(words)


def _found(source: Source, importer: Importer, record: str) -> tuple[Place, Record | str]:
    """Read the source until the record comes; of what is no record at all, give the reason."""
    for place, given, keys in _records(source, importer):
        if record in {f"{PLACE}{place}", ",".join(keys)} or record == place:
            return place, given
    raise ImportFailed(
        f"{source.name} has no {importer.name} with {', '.join(importer.key)} {record}",
        hint=f"{PLACE}14 names the record in line 14, also one that cannot be read",
    )


def _records(source: Source, importer: Importer) -> Iterator[tuple[Place, Record | str, list[str]]]:
    """Give the records with their places and keys; of one whose key is bad, without the key."""
    fields = {one.name: one for one in importer.fields}
    only = tuple(fields[name] for name in importer.key)
    for chunk in source.chunks([importer]):
        read = compiled(type(importer)(key=importer.key, fields=only), chunk.names)
        for item in chunk.items:
            if isinstance(item, Bad):
                yield item.place, item.reason, []
                continue
            place, values = item
            try:
                keys = [str(one) for one in read(values) or ()]
            except FieldProblem:
                keys = []
            yield place, dict(zip(chunk.names, values, strict=False)), keys


def _normalized(importer: Importer, record: Record, told: Explained) -> Record | str | None:
    """Do what the importer does with a whole record; gives the reason where it refuses it."""
    try:
        given = importer.normalize(record)
    except PROBLEMS as error:
        return str(error)
    told.is_left_out = given is None
    return given


def _mapped(importer: Importer, one: Field, given: Record) -> Mapped:
    told = Mapped(name=one.name, how=how(one))
    if one.value is UNSET:
        told.given = given.get(one.said)
    plain = Made(model=importer.model, key=importer.key, fields=(one,)).importer()
    try:
        (told.value,) = compiled(plain, tuple(given))(tuple(given.values())) or (None,)
    except FieldProblem as problem:
        told.problem = problem.reason
    return told


def _compare(session: Session, part: Part, told: Explained) -> None:
    """Ask the database what the values become there, and what its row has now."""
    columns = {column.name: column for column in part.columns}
    values = {f"v{n}": _parameter(one.value) for n, one in enumerate(told.fields)}
    news = {one.name: _new(columns[one.name], f"v{n}") for n, one in enumerate(told.fields)}
    keys = " AND ".join(f"t.{quoted(name)} = {news[name]}" for name in part.key)
    scope = f" AND ({part.scope})" if part.scope else ""
    picked = ", ".join(
        f"t.{quoted(name)}::text AS o{n}, ({new})::text AS n{n},"
        f" t.{quoted(name)} IS DISTINCT FROM {_or_old(columns[name], new)} AS d{n}"
        for n, (name, new) in enumerate(news.items())
    )
    statement = (
        f"SELECT t.id, {picked} FROM (SELECT) AS one"  # noqa: S608 - quoted
        f" LEFT JOIN {quoted(part.table)} AS t ON {keys}{scope} LIMIT 1"
    )
    row: Any = session.execute(text(statement), values).one()
    told.row_id = row.id
    for n, one in enumerate(told.fields):
        one.old, one.new = getattr(row, f"o{n}"), getattr(row, f"n{n}")
        one.differs = getattr(row, f"d{n}") and row.id is not None
        if one.new is None and one.value is not None:
            one.problem = f"there is no {columns[one.name].find_table} row with that value"
    if row.id is None:
        told.kind = Kind.CREATE if part.creates else None
    elif any(one.differs for one in told.fields):
        told.kind = Kind.UPDATE if part.updates else None
    if told.kind is not None and not told.is_refused:
        _hold_against_rules(session, part, told, values)


def _hold_against_rules(
    session: Session, part: Part, told: Explained, values: Mapping[str, object]
) -> None:
    """Say which rule over one row the record breaks, as a run would."""
    shape = shape_of(session, part.table)
    rules, needed = checks_of(session, part, shape), forbidden(session, part)
    if needed is None:
        return
    columns = {column.name: column for column in part.columns}
    places = {one.name: f"v{n}" for n, one in enumerate(told.fields)}
    staged = ", ".join(
        f"CAST(:{place} AS {columns[name].type}) AS {quoted(name)}"
        for name, place in places.items()
    )
    query = Query(
        value=lambda column: _new(column, places[column.name]),
        is_new="t.id IS NULL",
        id="t.id",
    )
    rows = (
        f"SELECT {columns_as(part, needed.columns, shape, query)} FROM (SELECT {staged}) AS s"  # noqa: S608 - quoted
        f" LEFT JOIN {quoted(part.table)} AS t ON t.id = CAST(:row_id AS uuid)"
    )
    broken = breaking(rules, with_generated(rows, needed.generated, shape))
    row_id = None if told.row_id is None else str(told.row_id)
    found = session.execute(text(broken), {**values, "row_id": row_id}).mappings().one_or_none()
    if found is not None:
        told.problem = f"{found['_field']} {found['_value']!r}: {found['_reason']}"


def _new(column: Column, name: str) -> str:
    """Write what a value becomes in a column."""
    value = f"CAST(:{name} AS {column.type})"
    if not column.find_table:
        return value
    table, by = quoted(column.find_table), quoted(column.find_by)
    take = quoted(column.find_take)
    return f"(SELECT f.{take} FROM {table} AS f WHERE f.{by} = {value} LIMIT 1)"  # noqa: S608 - quoted


def _or_old(column: Column, new: str) -> str:
    """Keep what the row has where nothing is said and the column may not be empty."""
    return new if column.is_nullable else f"coalesce({new}, {otherwise(column)})"


def _parameter(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value
