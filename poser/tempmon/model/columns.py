# SPDX-License-Identifier: Apache-2.0
"""What the tables of the `tempmon` database share: their base, their kinds of column.

Limits and corrections are degrees Celsius with two decimals. Readings are whole hundredths
of a degree, because there are very many of them.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, MetaData, Numeric, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from poser.db.base import NAMES, TYPES, Separate

CELSIUS = Numeric(5, 2)
"""Degrees Celsius: -999.99 to 999.99."""


class TempmonModel(Separate, DeclarativeBase):
    """A table of the `tempmon` database."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention=dict(NAMES),
        info={"upkeep": {"days of readings packed": "SELECT pack_readings()"}},
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {**TYPES, Range[datetime]: TSTZRANGE()}


def words(comment: str) -> MappedColumn[str]:
    """Describe a text that may be empty."""
    return mapped_column(server_default="", default="", comment=comment)


def flag(comment: str, *, default: bool) -> MappedColumn[bool]:
    """Describe a yes-or-no column."""
    return mapped_column(
        server_default=text(str(default).lower()), default=default, comment=comment
    )


def whole(comment: str, default: int) -> MappedColumn[int]:
    """Describe a whole number with what holds when nobody said anything."""
    return mapped_column(server_default=text(str(default)), default=default, comment=comment)


def celsius(comment: str) -> MappedColumn[Decimal]:
    """Describe a temperature that is always there."""
    return mapped_column(CELSIUS, comment=comment)


def perhaps_celsius(comment: str) -> MappedColumn[Decimal | None]:
    """Describe a temperature that may be missing."""
    return mapped_column(CELSIUS, comment=comment)


def reference(target: str, comment: str, *, index: bool = True) -> MappedColumn[UUID]:
    """Refer to another table's row, which then cannot be deleted."""
    return mapped_column(ForeignKey(target), index=index, comment=comment)


def perhaps(target: str, comment: str) -> MappedColumn[UUID | None]:
    """Refer to another table's row, or to none."""
    return mapped_column(ForeignKey(target), index=True, comment=comment)


def part_of(target: str, comment: str, *, index: bool = True) -> MappedColumn[UUID]:
    """Belong to another table's row, and be deleted with it."""
    return mapped_column(ForeignKey(target, ondelete="CASCADE"), index=index, comment=comment)


def one_of(column: str, kinds: type[StrEnum]) -> CheckConstraint:
    """Let a column hold the words of an enum only."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def filled(column: str) -> CheckConstraint:
    """Refuse an empty text, and blanks around it."""
    return CheckConstraint(f"{column} <> '' AND {column} = btrim({column})", name=column)


def no_overlap(table: str, *same: str) -> ExcludeConstraint:
    """Refuse two rows of which all of `same` are equal while their ranges overlap."""
    return ExcludeConstraint(
        *((column, "=") for column in same),
        ("valid", "&&"),
        name=f"ex_{table}_no_overlap",
        using="gist",
    )


def real_range() -> CheckConstraint:
    """Refuse a range that holds no moment, or has no begin."""
    return CheckConstraint("NOT isempty(valid) AND NOT lower_inf(valid)", name="valid")


class During:
    """What is valid for a time, and was entered by somebody for a reason."""

    valid: Mapped[Range[datetime]] = mapped_column(
        comment="From when it holds (UTC) up to and without the end; no end: until changed."
    )
    by_name: Mapped[str] = words("Who entered it.")
    reason: Mapped[str] = words("Why; may be empty.")
