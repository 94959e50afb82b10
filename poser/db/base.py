# SPDX-License-Identifier: Apache-2.0
"""The declarative base of the `poser` database and the conventions all tables share.

Keys are native `uuid` columns in time order, times are `timestamptz`, text is `text`,
and every constraint and index gets its name from one convention, so that migrations
can name what they drop.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import Date, DateTime, MetaData, Text, Uuid, func
from sqlalchemy.orm import DeclarativeBase, Mapper, mapped_column, registry

from poser.ids import uuid7

NAMES: Mapping[str, str] = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
"""How constraints and indexes are named (PostgreSQL cuts names after 63 bytes)."""

TYPES: dict[Any, Any] = {
    str: Text(),
    datetime: DateTime(timezone=True),
    date: Date(),
    UUID: Uuid(as_uuid=True, native_uuid=True),
}
"""Which column type an annotation stands for; numbers with a scale name theirs."""

Id = Annotated[
    UUID,
    mapped_column(
        primary_key=True,
        default=uuid7,
        server_default=func.uuid7(monotonic=True),
        comment="Unique id, a UUID version 7: ascends with the time of creation.",
    ),
]
"""The primary key of nearly every table.

The server's ids ascend, too; SQLAlchemy knows by that word that it may insert many objects in
one statement."""

CreatedAt = Annotated[
    datetime,
    mapped_column(server_default=func.now(), comment="When this row was first written (UTC)."),
]
"""When a row was first written."""

ModifiedAt = Annotated[
    datetime,
    mapped_column(
        server_default=func.now(),
        onupdate=func.now(),
        comment="When this row was last changed (UTC).",
    ),
]
"""When a row was last changed. Set-based writers set it themselves."""


class Separate:
    """Base of declarative bases: each of their tables has a registry of its own.

    The first statement prepares all tables of the registry that it is about. Of a service that
    reads a dozen of 200 tables, preparing the others would take 4 MiB in each process.
    """

    def __init_subclass__(cls, **more: Any) -> None:  # noqa: ANN401
        """Give the table its registry before SQLAlchemy maps it."""
        if DeclarativeBase not in cls.__bases__:
            base = next(each for each in cls.__mro__ if DeclarativeBase in each.__bases__)
            # SQLAlchemy lets a base name its registry, and reads it by this name.
            cls._sa_registry = registry(  # type: ignore[attr-defined]
                metadata=base.metadata,  # type: ignore[attr-defined]
                class_registry=base.registry._class_registry,  # type: ignore[attr-defined]  # noqa: SLF001
                type_annotation_map=base.type_annotation_map,  # type: ignore[attr-defined]
            )
        super().__init_subclass__(**more)


class Model(Separate, DeclarativeBase):
    """A table of the `poser` database."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=dict(NAMES))
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


def mappers(base: type[DeclarativeBase] = Model) -> Iterator[Mapper[Any]]:
    """Yield how each table of a declarative base is mapped, as far as its module was imported."""
    for each in base.__subclasses__():
        if "__mapper__" in vars(each):
            yield each.__mapper__
        yield from mappers(each)
