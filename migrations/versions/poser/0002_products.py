# SPDX-License-Identifier: Apache-2.0
"""Stores, departments, brands, products with codes and prices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "poser_0002"
down_revision = "poser_0001"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Create the tables."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    _create_stores()
    _create_departments()
    _create_brands()
    _create_products()
    _create_product_codes()
    _create_product_prices()


def downgrade() -> None:
    """Drop them with everything in them."""
    op.drop_table("product_prices")
    op.drop_table("product_codes")
    op.drop_table("products")
    op.drop_table("brands")
    op.drop_table("departments")
    op.drop_table("stores")


def _create_stores() -> None:
    op.create_table(
        "stores",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("uuid7()"),
            nullable=False,
            comment="Unique id, a UUID version 7: ascends with the time of creation.",
        ),
        sa.Column(
            "number",
            sa.Text(),
            nullable=False,
            comment="Number on tills and paper, such as 9 or 0012; leading zeros count.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="What people call the store."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was first written (UTC).",
        ),
        sa.Column(
            "modified_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was last changed (UTC).",
        ),
        sa.CheckConstraint(
            "number <> '' AND number = btrim(number)", name=op.f("ck_stores_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stores")),
        sa.UniqueConstraint(
            "number", deferrable=True, initially="IMMEDIATE", name=op.f("uq_stores_number")
        ),
        comment="Shops of the retailer.",
    )


def _create_departments() -> None:
    op.create_table(
        "departments",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("uuid7()"),
            nullable=False,
            comment="Unique id, a UUID version 7: ascends with the time of creation.",
        ),
        sa.Column(
            "number",
            sa.Text(),
            nullable=False,
            comment="Number on tills and paper, such as 12; leading zeros count.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="What people call the department."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was first written (UTC).",
        ),
        sa.Column(
            "modified_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was last changed (UTC).",
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_departments_name")),
        sa.CheckConstraint(
            "number <> '' AND number = btrim(number)", name=op.f("ck_departments_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departments")),
        sa.UniqueConstraint("id", "name", name=op.f("uq_departments_id_name")),
        sa.UniqueConstraint(
            "number", deferrable=True, initially="IMMEDIATE", name=op.f("uq_departments_number")
        ),
        comment="Groups that products are sorted into, as tills know them.",
    )


def _create_brands() -> None:
    op.create_table(
        "brands",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("uuid7()"),
            nullable=False,
            comment="Unique id, a UUID version 7: ascends with the time of creation.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="The brand as printed on goods."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was first written (UTC).",
        ),
        sa.Column(
            "modified_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was last changed (UTC).",
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_brands_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brands")),
        sa.UniqueConstraint("id", "name", name=op.f("uq_brands_id_name")),
        sa.UniqueConstraint(
            "name", deferrable=True, initially="IMMEDIATE", name=op.f("uq_brands_name")
        ),
        comment="Names that makers sell goods under.",
    )


def _create_products() -> None:
    op.create_table(
        "products",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("uuid7()"),
            nullable=False,
            comment="Unique id, a UUID version 7: ascends with the time of creation.",
        ),
        sa.Column(
            "gtin",
            sa.BigInteger(),
            nullable=True,
            comment=(
                "Global Trade Item Number as a number of up to 14 digits with its check digit;"
                " store-made numbers (restricted circulation) included."
            ),
        ),
        sa.Column(
            "plu",
            sa.Integer(),
            nullable=True,
            comment="Price look-up code keyed for loose goods, 1 to 5 digits.",
        ),
        sa.Column(
            "description",
            sa.Text(),
            nullable=False,
            comment="What the product is, as on shelf and till.",
        ),
        sa.Column(
            "size",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Size as printed, such as 12 oz; may be empty.",
        ),
        sa.Column("brand_id", sa.Uuid(), nullable=True, comment="The product's brand."),
        sa.Column(
            "brand_name",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Copy of the brand's name, kept right by the foreign key; empty without one.",
        ),
        sa.Column("department_id", sa.Uuid(), nullable=True, comment="Where the product belongs."),
        sa.Column(
            "department_name",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Copy of the department's name, kept right by the foreign key; empty without.",
        ),
        sa.Column(
            "is_weighed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Sold by weight at the till.",
        ),
        sa.Column(
            "is_food_stampable",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="May be paid with food stamps (SNAP, EBT).",
        ),
        sa.Column(
            "is_discontinued",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="No longer bought for sale.",
        ),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed(
                "lower(brand_name || ' ' || description || ' ' || size"
                " || ' ' || coalesce(lpad(gtin::text, 14, '0'), '')"
                " || ' ' || coalesce(plu::text, ''))",
                persisted=True,
            ),
            nullable=False,
            comment="Lower-case text that the products grid searches; generated.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was first written (UTC).",
        ),
        sa.Column(
            "modified_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was last changed (UTC).",
        ),
        sa.CheckConstraint(
            "(brand_id IS NULL) = (brand_name = '')", name=op.f("ck_products_brand")
        ),
        sa.CheckConstraint(
            "(department_id IS NULL) = (department_name = '')", name=op.f("ck_products_department")
        ),
        sa.CheckConstraint("gtin BETWEEN 1 AND 99999999999999", name=op.f("ck_products_gtin")),
        sa.CheckConstraint("plu BETWEEN 1 AND 99999", name=op.f("ck_products_plu")),
        sa.ForeignKeyConstraint(
            ["brand_id", "brand_name"],
            ["brands.id", "brands.name"],
            name=op.f("fk_products_brand_id_brand_name"),
            onupdate="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["department_id", "department_name"],
            ["departments.id", "departments.name"],
            name=op.f("fk_products_department_id_department_name"),
            onupdate="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint(
            "gtin", deferrable=True, initially="IMMEDIATE", name=op.f("uq_products_gtin")
        ),
        sa.UniqueConstraint(
            "plu", deferrable=True, initially="IMMEDIATE", name=op.f("uq_products_plu")
        ),
        comment="Everything that can be sold.",
    )
    op.create_index(
        "ix_products_brand_id_brand_name", "products", ["brand_id", "brand_name"], unique=False
    )
    op.create_index("ix_products_brand_name_id", "products", ["brand_name", "id"], unique=False)
    op.create_index(
        "ix_products_department_id_department_name",
        "products",
        ["department_id", "department_name"],
        unique=False,
    )
    op.create_index(
        "ix_products_department_name_id", "products", ["department_name", "id"], unique=False
    )
    op.create_index("ix_products_description_id", "products", ["description", "id"], unique=False)
    op.create_index(
        "ix_products_gtin_id",
        "products",
        [sa.literal_column("coalesce(gtin, 0)"), "id"],
        unique=False,
    )
    op.create_index("ix_products_modified_at_id", "products", ["modified_at", "id"], unique=False)
    op.create_index(
        "ix_products_search",
        "products",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )


def _create_product_codes() -> None:
    op.create_table(
        "product_codes",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("uuid7()"),
            nullable=False,
            comment="Unique id, a UUID version 7: ascends with the time of creation.",
        ),
        sa.Column(
            "product_id", sa.Uuid(), nullable=False, comment="The product that the code finds."
        ),
        sa.Column(
            "code",
            sa.Text(),
            nullable=False,
            comment="The code as written; a GTIN is written with its 14 digits.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was first written (UTC).",
        ),
        sa.CheckConstraint("code <> '' AND code = btrim(code)", name=op.f("ck_product_codes_code")),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_product_codes_product_id"),
            ondelete="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_codes")),
        sa.UniqueConstraint(
            "code", deferrable=True, initially="IMMEDIATE", name=op.f("uq_product_codes_code")
        ),
        comment="Codes beside the GTIN and PLU that products answer to.",
    )
    op.create_index(
        op.f("ix_product_codes_product_id"), "product_codes", ["product_id"], unique=False
    )


def _create_product_prices() -> None:
    op.create_table(
        "product_prices",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("uuid7()"),
            nullable=False,
            comment="Unique id, a UUID version 7: ascends with the time of creation.",
        ),
        sa.Column("product_id", sa.Uuid(), nullable=False, comment="The product that is priced."),
        sa.Column(
            "store_id",
            sa.Uuid(),
            nullable=True,
            comment="The store the price holds in; empty means all stores.",
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="regular, promotion or member."),
        sa.Column(
            "price",
            sa.Numeric(precision=12, scale=3),
            nullable=False,
            comment="Price of one unit (or one pound when weighed) in the currency.",
        ),
        sa.Column(
            "valid",
            postgresql.TSTZRANGE(),
            nullable=False,
            comment="When the price holds: from inclusive, to exclusive or open.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was first written (UTC).",
        ),
        sa.Column(
            "modified_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was last changed (UTC).",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("product_id"), "="),
            (sa.text("coalesce(store_id, '00000000-0000-0000-0000-000000000000'::uuid)"), "="),
            (sa.column("kind"), "="),
            (sa.column("valid"), "&&"),
            deferrable=True,
            initially="IMMEDIATE",
            using="gist",
            name="ex_product_prices_no_overlap",
        ),
        sa.CheckConstraint(
            "kind IN ('regular', 'promotion', 'member')", name=op.f("ck_product_prices_kind")
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_product_prices_valid")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_product_prices_price")),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_product_prices_product_id"),
            ondelete="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.id"],
            name=op.f("fk_product_prices_store_id"),
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_prices")),
        comment="Selling prices, each for a range of time.",
    )
    op.create_index(
        op.f("ix_product_prices_product_id"), "product_prices", ["product_id"], unique=False
    )
    op.create_index(
        op.f("ix_product_prices_store_id"), "product_prices", ["store_id"], unique=False
    )
