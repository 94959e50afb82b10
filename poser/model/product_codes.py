# SPDX-License-Identifier: Apache-2.0
"""Codes beside the GTIN and PLU that products answer to, and the catalogue of PLU codes."""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

import poser.model.products  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import (
    check,
    filled,
    flag,
    has_check_digit,
    one_of,
    reference,
    unique,
    words,
)
from poser.model.syncing import shared

if TYPE_CHECKING:
    from poser.model.products import Product


class ProductCodeKind(StrEnum):
    """What kind of code it is."""

    GTIN = "gtin"
    OTHER = "other"


class ProductCode(Model):
    """Another code that finds a product: an old barcode, a case code, a till's own number."""

    __tablename__ = "product_codes"
    __table_args__ = (
        unique("code"),
        filled("code"),
        one_of("kind", ProductCodeKind),
        check(
            "gtin_check_digit",
            "CASE WHEN kind = 'gtin' THEN CASE WHEN code ~ '^[0-9]{14}$'"
            f" THEN {has_check_digit('code::bigint')} ELSE false END ELSE true END",
            "A barcode has 14 digits here, and the last one of {code} must fit the others.",
        ),
        {"comment": "Codes beside the GTIN and PLU that products answer to.", "info": shared()},
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = reference(
        "products.id", "The product that the code finds.", ondelete="CASCADE"
    )
    code: Mapped[str] = mapped_column(
        comment="The code as written; a GTIN is written with its 14 digits."
    )
    kind: Mapped[str] = words(
        "gtin (its check digit is enforced) or other.", default=ProductCodeKind.OTHER
    )
    ordinal: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("1"), default=1, comment="Order to show; 1 is first."
    )
    created_at: Mapped[CreatedAt]

    product: Mapped["Product"] = relationship(back_populates="codes")


class IfpsPlu(Model):
    """A PLU code as the produce trade gives it out, to name new products by."""

    __tablename__ = "ifps_plus"
    __table_args__ = (
        unique("plu"),
        check("plu", "plu BETWEEN 1 AND 99999", "A PLU has 1 to 5 digits; not {plu}."),
        {
            "comment": "The produce trade's catalogue of PLU codes (IFPS).",
            "info": {"history": False, **shared()},
        },
    )

    id: Mapped[Id]
    plu: Mapped[int] = mapped_column(comment="The PLU code, 1 to 5 digits.")
    category: Mapped[str] = words("Category, such as Fruits.")
    commodity: Mapped[str] = words("Commodity, such as APPLES.")
    variety: Mapped[str] = words("Variety, such as Fuji.")
    size: Mapped[str] = words("Size, such as Small.")
    measures: Mapped[str] = words("Measures of the size in North America and elsewhere.")
    aka: Mapped[str] = words("Also known as.")
    botanical_name: Mapped[str] = words("Botanical name, such as Malus domestica.")
    restrictions: Mapped[str] = words("Where the code may be used.")
    notes: Mapped[str] = words("What the catalogue says more.")
    revised_on: Mapped[date | None] = mapped_column(comment="Day of its last change there.")
    is_deleted: Mapped[bool] = flag("Withdrawn by the catalogue.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
