# SPDX-License-Identifier: Apache-2.0
"""The declarative base of the `poser` database and the conventions all tables share.

Keys are native `uuid` columns in time order, times are `timestamptz`, text is `text`,
and every constraint and index gets its name from one convention, so that migrations
can name what they drop.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import Date, DateTime, MetaData, Text, Uuid, func
from sqlalchemy.orm import DeclarativeBase, mapped_column

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


class Model(DeclarativeBase):
    """A table of the `poser` database."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=dict(NAMES))
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES
