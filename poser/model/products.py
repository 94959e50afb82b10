# SPDX-License-Identifier: Apache-2.0
"""Products, their brands, and every other code a product answers to.

A product carries the *name* of its brand and department beside their ids. The foreign
keys are over both columns with ON UPDATE CASCADE, so PostgreSQL keeps the copies right
(renaming a brand renames it on its products) and a wrong copy cannot be written. That
makes the searched text one generated column, and lets grids sort and show a million
products without a join.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.org import Department

_SEARCH = (
    "lower(brand_name || ' ' || description || ' ' || size"
    " || ' ' || coalesce(lpad(gtin::text, 14, '0'), '')"
    " || ' ' || coalesce(plu::text, ''))"
)
_GTIN_ORDER = "coalesce(gtin, 0)"


class Brand(Model):
    """The name a maker sells goods under."""

    __tablename__ = "brands"
    __table_args__ = (
        UniqueConstraint("name", deferrable=True, initially="IMMEDIATE"),
        UniqueConstraint("id", "name"),
        CheckConstraint("name <> ''", name="name"),
        {"comment": "Names that makers sell goods under."},
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(comment="The brand as printed on goods.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class Product(Model):
    """One thing that can be sold, told apart by its GTIN.

    Writers set `brand_id` with `brand_name` (empty text without a brand), and
    `department_id` with `department_name`; the database refuses a pair that differs
    from the brand's or department's own row.
    """

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("gtin", deferrable=True, initially="IMMEDIATE"),
        UniqueConstraint("plu", deferrable=True, initially="IMMEDIATE"),
        ForeignKeyConstraint(
            ["brand_id", "brand_name"],
            ["brands.id", "brands.name"],
            onupdate="CASCADE",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        ForeignKeyConstraint(
            ["department_id", "department_name"],
            ["departments.id", "departments.name"],
            onupdate="CASCADE",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        CheckConstraint("gtin BETWEEN 1 AND 99999999999999", name="gtin"),
        CheckConstraint("plu BETWEEN 1 AND 99999", name="plu"),
        CheckConstraint("(brand_id IS NULL) = (brand_name = '')", name="brand"),
        CheckConstraint("(department_id IS NULL) = (department_name = '')", name="department"),
        # Keyset pages order by exactly (column, id): one index for each sortable column.
        Index("ix_products_gtin_id", text(_GTIN_ORDER), "id"),
        Index("ix_products_description_id", "description", "id"),
        Index("ix_products_brand_name_id", "brand_name", "id"),
        Index("ix_products_department_name_id", "department_name", "id"),
        Index("ix_products_modified_at_id", "modified_at", "id"),
        Index("ix_products_brand_id_brand_name", "brand_id", "brand_name"),
        Index("ix_products_department_id_department_name", "department_id", "department_name"),
        Index(
            "ix_products_search",
            "search",
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
        ),
        {"comment": "Everything that can be sold."},
    )

    id: Mapped[Id]
    gtin: Mapped[int | None] = mapped_column(
        BigInteger,
        comment=(
            "Global Trade Item Number as a number of up to 14 digits with its check digit;"
            " store-made numbers (restricted circulation) included."
        ),
    )
    plu: Mapped[int | None] = mapped_column(
        Integer, comment="Price look-up code keyed for loose goods, 1 to 5 digits."
    )
    description: Mapped[str] = mapped_column(comment="What the product is, as on shelf and till.")
    size: Mapped[str] = mapped_column(
        server_default="", default="", comment="Size as printed, such as 12 oz; may be empty."
    )
    brand_id: Mapped[UUID | None] = mapped_column(comment="The product's brand.")
    brand_name: Mapped[str] = mapped_column(
        server_default="",
        default="",
        comment="Copy of the brand's name, kept right by the foreign key; empty without one.",
    )
    department_id: Mapped[UUID | None] = mapped_column(comment="Where the product belongs.")
    department_name: Mapped[str] = mapped_column(
        server_default="",
        default="",
        comment="Copy of the department's name, kept right by the foreign key; empty without.",
    )
    is_weighed: Mapped[bool] = mapped_column(
        server_default=text("false"), default=False, comment="Sold by weight at the till."
    )
    is_food_stampable: Mapped[bool] = mapped_column(
        server_default=text("false"),
        default=False,
        comment="May be paid with food stamps (SNAP, EBT).",
    )
    is_discontinued: Mapped[bool] = mapped_column(
        server_default=text("false"), default=False, comment="No longer bought for sale."
    )
    search: Mapped[str] = mapped_column(
        Computed(_SEARCH, persisted=True),
        comment="Lower-case text that the products grid searches; generated.",
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]

    brand: Mapped[Brand | None] = relationship(
        primaryjoin=lambda: Product.brand_id == Brand.id,
        foreign_keys=lambda: [Product.brand_id],
        viewonly=True,
    )
    department: Mapped[Department | None] = relationship(
        primaryjoin=lambda: Product.department_id == Department.id,
        foreign_keys=lambda: [Product.department_id],
        viewonly=True,
    )
    codes: Mapped[list["ProductCode"]] = relationship(
        back_populates="product", cascade="all, delete-orphan", order_by="ProductCode.code"
    )


PRODUCT_ORDER: Mapping[str, ColumnElement[Any]] = {
    "gtin": func.coalesce(Product.gtin, literal_column("0")),
    "description": Product.description.expression,
    "brand": Product.brand_name.expression,
    "department": Product.department_name.expression,
    "modified_at": Product.modified_at.expression,
}
"""What the products grid may order by: each with an index over (expression, id)."""


class ProductCode(Model):
    """Another code that finds a product: an old barcode, a case code, a till's own number."""

    __tablename__ = "product_codes"
    __table_args__ = (
        UniqueConstraint("code", deferrable=True, initially="IMMEDIATE"),
        CheckConstraint("code <> '' AND code = btrim(code)", name="code"),
        {"comment": "Codes beside the GTIN and PLU that products answer to."},
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = mapped_column(
        ForeignKey("products.id", ondelete="CASCADE", deferrable=True, initially="IMMEDIATE"),
        index=True,
        comment="The product that the code finds.",
    )
    code: Mapped[str] = mapped_column(
        comment="The code as written; a GTIN is written with its 14 digits."
    )
    created_at: Mapped[CreatedAt]

    product: Mapped[Product] = relationship(back_populates="codes")
