# SPDX-License-Identifier: Apache-2.0
"""One model's part of a run, as the database needs to know it: names, types and rules.

A part is all that comparing and applying need, so a run whose source is read can be resumed
without the source, and a batch can be applied without the importer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import DateTime, text
from sqlalchemy.orm import Session

from poser.errors import ImportFailed
from poser.importing.asked import Asked
from poser.importing.importer import Importer

if TYPE_CHECKING:
    from sqlalchemy import Column as ModelColumn

_COLUMNS = text("""
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
    NOT a.attnotnull AS is_nullable, a.attgenerated <> '' AS is_generated,
    coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS expression, t.typcategory AS category
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = to_regclass(:table) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
""")
_IS_UNIQUE = text("""
SELECT EXISTS (
    SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = to_regclass(:table) AND i.indisunique AND i.indnkeyatts = 1
        AND i.indpred IS NULL AND a.attname = :column
)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that a part writes.

    `type` is PostgreSQL's; of what is staged, for a reference by another's field. `default` is
    what the database puts where nothing is said. `fuzzy` is empty, number or time.
    """

    name: str
    type: str
    is_nullable: bool = True
    default: str = ""
    find_table: str = ""
    find_by: str = ""
    find_take: str = "id"
    find_is_unique: bool = True
    fuzzy: str = ""

    @property
    def is_copy(self) -> bool:
        """Whether it is a copy that goes with a reference, such as a department's name."""
        return self.find_take != "id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One model's part of a run.

    `stage` is the name of its staging table. `touched` are columns that are set to the present
    time with every update. `can_delete` is not the same as `deletes`: a source of which
    records could not be read at all must not delete what they may have been.
    """

    model: str
    table: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    stage: str
    scope: str = ""
    creates: bool = True
    updates: bool = True
    deletes: bool = False
    touched: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    fuzz: Decimal = Decimal(1)
    allow_empty: bool = False

    @property
    def finds(self) -> tuple[Column, ...]:
        """The columns that refer to another row by one of its fields."""
        return tuple(column for column in self.columns if column.find_table)

    @property
    def compared(self) -> tuple[Column, ...]:
        """The columns in which a row may differ: all but the key."""
        return tuple(column for column in self.columns if column.name not in self.key)

    def column(self, name: str) -> Column:
        """Return a column by its name."""
        return next(column for column in self.columns if column.name == name)

    def to_json(self) -> dict[str, Any]:
        """Give it for the record of its run."""
        return {**asdict(self), "fuzz": str(self.fuzz)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The columns of a table as the catalog has them, by name."""

    types: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    nullable: frozenset[str] = frozenset()
    defaults: Mapping[str, str] = field(default_factory=dict)
    generated: Mapping[str, str] = field(default_factory=dict)


def part_from(said: Mapping[str, Any]) -> Part:
    """Read what `to_json` gave."""
    columns = tuple(Column(**column) for column in said["columns"])
    listed = {name: tuple(said[name]) for name in ("key", "touched", "missing")}
    return Part(**{**said, **listed, "columns": columns, "fuzz": Decimal(said["fuzz"])})


def part_of(session: Session, importer: Importer, asked: Asked, stage: str) -> Part:
    """Look up what the database knows about the table and the fields of an importer.

    Raises ImportFailed for a table that is not there.
    """
    shape = shape_of(session, importer.table)
    columns = tuple(_column(session, importer, name, shape, asked) for name in _names(importer))
    given = {column.name for column in columns}
    model_columns = cast("Iterable[ModelColumn[Any]]", importer.model.__table__.columns)
    return Part(
        model=importer.name,
        table=importer.table,
        key=importer.key,
        columns=columns,
        stage=stage,
        scope=importer.scope,
        creates=_either(importer.creates, asked.creates),
        updates=_either(importer.updates, asked.updates),
        deletes=_either(importer.deletes, asked.deletes),
        touched=tuple(
            column.name
            for column in model_columns
            if column.onupdate is not None and isinstance(column.type, DateTime)
            if column.name not in given
        ),
        missing=tuple(
            name
            for name in shape.types
            if name not in shape.nullable
            and name not in shape.defaults
            and name not in given | {"id"}
        ),
        fuzz=asked.fuzz,
        allow_empty=asked.allow_empty,
    )


def shape_of(session: Session, table: str) -> Shape:
    """Look up the columns of a table. Raises ImportFailed for one that is not there."""
    rows = session.execute(_COLUMNS, {"table": quoted(table)}).all()
    if not rows:
        raise ImportFailed(f"the database has no table {table}", hint="poser db upgrade makes it")
    return Shape(
        types={row.name: row.type for row in rows},
        categories={row.name: row.category for row in rows},
        nullable=frozenset(row.name for row in rows if row.is_nullable),
        defaults={row.name: row.expression for row in rows if row.expression},
        generated={row.name: row.expression for row in rows if row.is_generated},
    )


def quoted(name: str) -> str:
    """Write a name so that it is nothing but a name, in PostgreSQL and for SQLAlchemy."""
    return '"' + name.replace('"', '""').replace(":", r"\:") + '"'


def escaped(sql: str) -> str:
    """Keep SQLAlchemy from reading SQL of the catalog as its own parameters."""
    return sql.replace(":", r"\:")


def _names(importer: Importer) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.name for each in importer.fields))


def _either(said: bool, asked: bool | None) -> bool:  # noqa: FBT001 - two answers to one question
    return said if asked is None else asked


def _column(session: Session, importer: Importer, name: str, shape: Shape, asked: Asked) -> Column:
    told = next(each for each in importer.fields if each.name == name)
    if name not in shape.types:
        raise ImportFailed(
            f"table {importer.table} has no column {name}", hint="poser db upgrade makes it"
        )
    is_nullable, default = name in shape.nullable, shape.defaults.get(name, "")
    if told.find is not None:
        table = str(told.find.model.__tablename__)
        by = told.find.by
        return Column(
            name=name,
            type=shape_of(session, table).types[by],
            is_nullable=is_nullable,
            default=default,
            find_table=table,
            find_by=by,
            find_take=told.find.take,
            find_is_unique=session.execute(
                _IS_UNIQUE, {"table": quoted(table), "column": by}
            ).scalar_one(),
        )
    fuzzy = ""
    if name in asked.fuzzy:
        fuzzy = {"N": "number", "D": "time"}.get(shape.categories[name], "")
        if not fuzzy or shape.types[name] == "date":
            raise ImportFailed(
                f"{importer.name}.{name} is {shape.types[name]}, which cannot be nearly equal",
                hint="numbers and times can",
            )
    return Column(
        name=name,
        type=shape.types[name],
        is_nullable=is_nullable,
        default=default,
        fuzzy=fuzzy,
    )
