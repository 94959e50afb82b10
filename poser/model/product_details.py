# SPDX-License-Identifier: Apache-2.0
"""More about products: their taxes, what one store says, figures, and pictures."""

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Integer, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.money
import poser.model.org
import poser.model.products  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import (
    COST,
    PERCENT,
    QUANTITY,
    SEEN_WITH_COSTS,
    check,
    filled,
    flag,
    one_of,
    reference,
    unique,
    words,
)
from poser.model.syncing import of_store, shared


class ImageKind(StrEnum):
    """What a picture shows."""

    FRONT = "front"
    BACK = "back"
    LABEL = "label"
    OTHER = "other"


class ProductTax(Model):
    """One tax that is taken on one product."""

    __tablename__ = "product_taxes"
    __table_args__ = (
        unique("product_id", "tax_id"),
        {"comment": "Which taxes are taken on which products.", "info": shared()},
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = reference(
        "products.id", "The product.", ondelete="CASCADE", index=False
    )
    tax_id: Mapped[UUID] = reference("taxes.id", "The tax.", ondelete="CASCADE")


class ProductStore(Model):
    """What one store says about one product: whether it has it, where, and when to reorder."""

    __tablename__ = "product_stores"
    __table_args__ = (
        unique("product_id", "store_id"),
        check("reorder_point", "reorder_point >= 0", "A reorder point cannot be negative."),
        check("order_quantity", "order_quantity > 0", "An order is for more than nothing."),
        {"comment": "Products as one store has them.", "info": of_store()},
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = reference(
        "products.id", "The product.", ondelete="CASCADE", index=False
    )
    store_id: Mapped[UUID] = reference("stores.id", "The store.", ondelete="CASCADE")
    is_carried: Mapped[bool] = flag("The store has it on its shelves.", default=True)
    is_recently_active: Mapped[bool] = flag("Bought or sold there of late.")
    aisle: Mapped[str] = words("Where it stands, such as aisle 4, bay 2.")
    reorder_point: Mapped[Decimal | None] = mapped_column(
        QUANTITY, comment="Stock at which it is ordered again, units."
    )
    order_quantity: Mapped[Decimal | None] = mapped_column(
        QUANTITY, comment="How much is usually ordered, units."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class ProductFigures(Model):
    """Figures about a product that are computed again and again, such as its margin."""

    __tablename__ = "product_figures"
    __table_args__ = (
        unique("product_id"),
        # Computed from what is under history already.
        {
            "comment": "Computed figures of products.",
            "info": {"history": False, "capture": False},
        },
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = reference(
        "products.id", "The product.", ondelete="CASCADE", index=False
    )
    true_cost: Mapped[Decimal | None] = mapped_column(
        COST, info=SEEN_WITH_COSTS, comment="Cost of one unit with freight and discounts."
    )
    true_margin: Mapped[Decimal | None] = mapped_column(
        PERCENT,
        info=SEEN_WITH_COSTS,
        comment="Margin of the regular price over the true cost, percent.",
    )
    modified_at: Mapped[ModifiedAt]


class ProductImage(Model):
    """What is known about a picture of a product; the picture itself is a file."""

    __tablename__ = "product_images"
    __table_args__ = (
        unique("product_id", "sha256"),
        one_of("kind", ImageKind),
        filled("media_type"),
        check("sha256", "octet_length(sha256) = 32", "A SHA-256 has 32 bytes."),
        check("size", "width > 0 AND height > 0 AND bytes > 0", "A picture is not empty."),
        {
            "comment": "Pictures of products; the files are named by their SHA-256.",
            "info": shared(),
        },
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = reference(
        "products.id", "What it shows.", ondelete="CASCADE", index=False
    )
    kind: Mapped[str] = words("front, back, label or other.", default=ImageKind.FRONT)
    ordinal: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("1"), default=1, comment="Order to show; 1 is first."
    )
    sha256: Mapped[bytes] = mapped_column(LargeBinary, comment="SHA-256 of the file, 32 bytes.")
    media_type: Mapped[str] = mapped_column(comment="Such as image/jpeg.")
    file_name: Mapped[str] = words("Name of the file as it came.")
    bytes: Mapped[int] = mapped_column(Integer, comment="Size of the file, bytes.")
    width: Mapped[int] = mapped_column(Integer, comment="Width, pixels.")
    height: Mapped[int] = mapped_column(Integer, comment="Height, pixels.")
    source: Mapped[str] = words("Where it came from, such as a vendor or a photographer.")
    created_at: Mapped[CreatedAt]
