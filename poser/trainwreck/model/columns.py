# SPDX-License-Identifier: Apache-2.0
"""What the tables of the `trainwreck` database share: their base, their kinds of column."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Integer, MetaData, Numeric, text
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from poser.db.base import NAMES, TYPES, Separate

Money = Numeric(14, 3)
Price = Numeric(14, 4)
Quantity = Numeric(14, 4)


class TrainwreckModel(Separate, DeclarativeBase):
    """A table of the `trainwreck` database."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention=dict(NAMES),
        info={"upkeep": {"rows of sales folded": "SELECT fold_sales()"}},
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


def words(comment: str) -> MappedColumn[str]:
    """Describe a text column that is empty when the till said nothing."""
    return mapped_column(server_default="", default="", comment=comment)


def flag(comment: str) -> MappedColumn[bool]:
    """Describe a yes-or-no column that is no when the till said nothing."""
    return mapped_column(server_default=text("false"), default=False, comment=comment)


def money(comment: str) -> MappedColumn[Decimal]:
    """Describe an amount of money that is 0 when the till said nothing."""
    return mapped_column(Money, server_default=text("0"), default=Decimal(0), comment=comment)


class OfTransaction:
    """The key that lines, discounts, taxes and tenders share, and whose sales they count in."""

    transaction_id: Mapped[UUID] = mapped_column(
        primary_key=True, sort_order=-30, comment="The POS transaction it is part of."
    )
    business_date: Mapped[date] = mapped_column(
        primary_key=True, sort_order=-20, comment="The business date of the POS transaction."
    )
    sequence: Mapped[int] = mapped_column(
        Integer,
        primary_key=True,
        sort_order=-10,
        comment="Place on the receipt from 1; all kinds of parts are counted as one.",
    )
    counts_for: Mapped[str] = mapped_column(
        comment="As in its POS transaction, which it follows: the store whose sales it is part of."
    )


class OnLine:
    """What discounts and taxes share: they may be for one line."""

    line_sequence: Mapped[int | None] = mapped_column(
        Integer, comment="The line it is for; empty when for the whole."
    )


class Described:
    """What discounts, taxes and tenders share: words, an amount, and whether it is undone."""

    description: Mapped[str] = words("The till's text; may be empty.")
    is_void: Mapped[bool] = flag("Takes back an earlier one.")
