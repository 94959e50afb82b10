# SPDX-License-Identifier: Apache-2.0
"""More about products: taxes, stores, figures, pictures; the catalogue of PLU codes."""

from migrations.recording import record, unrecord
from migrations.tables import (
    CREATED_AT,
    KEY,
    MODIFIED_AT,
    check,
    column,
    create_table,
    drop_tables,
    index,
    references,
    unique,
)

revision = "poser_0009"
down_revision = "poser_0008"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

RECORDED = ("product_taxes", "product_stores", "product_images")


def upgrade() -> None:
    """Create the tables."""
    _create_product_taxes()
    _create_product_stores()
    _create_product_figures()
    _create_product_images()
    _create_ifps_plus()
    for table in RECORDED:
        record(table)
    record("ifps_plus", history=False)


def downgrade() -> None:
    """Drop them with everything in them."""
    unrecord("ifps_plus")
    for table in reversed(RECORDED):
        unrecord(table)
    drop_tables("ifps_plus", "product_images", "product_figures", "product_stores", "product_taxes")


def _create_product_taxes() -> None:
    create_table(
        "product_taxes",
        "Which taxes are taken on which products.",
        KEY,
        column("product_id", "uuid NOT NULL", "The product."),
        column("tax_id", "uuid NOT NULL", "The tax."),
        unique("product_id, tax_id"),
        references("product_id", "products (id)", "ON DELETE CASCADE"),
        references("tax_id", "taxes (id)", "ON DELETE CASCADE"),
        index("tax_id"),
    )


def _create_product_stores() -> None:
    create_table(
        "product_stores",
        "Products as one store has them.",
        KEY,
        column("product_id", "uuid NOT NULL", "The product."),
        column("store_id", "uuid NOT NULL", "The store."),
        column("is_carried", "boolean DEFAULT true NOT NULL", "The store has it on its shelves."),
        column(
            "is_recently_active", "boolean DEFAULT false NOT NULL", "Bought or sold there of late."
        ),
        column("aisle", "text DEFAULT '' NOT NULL", "Where it stands, such as aisle 4, bay 2."),
        column("reorder_point", "numeric(14, 4)", "Stock at which it is ordered again, units."),
        column("order_quantity", "numeric(14, 4)", "How much is usually ordered, units."),
        CREATED_AT,
        MODIFIED_AT,
        check("order_quantity", "order_quantity > 0", "An order is for more than nothing."),
        check("reorder_point", "reorder_point >= 0", "A reorder point cannot be negative."),
        unique("product_id, store_id"),
        references("product_id", "products (id)", "ON DELETE CASCADE"),
        references("store_id", "stores (id)", "ON DELETE CASCADE"),
        index("store_id"),
    )


def _create_product_figures() -> None:
    create_table(
        "product_figures",
        "Computed figures of products.",
        KEY,
        column("product_id", "uuid NOT NULL", "The product."),
        column("true_cost", "numeric(12, 5)", "Cost of one unit with freight and discounts."),
        column(
            "true_margin",
            "numeric(8, 5)",
            "Margin of the regular price over the true cost, percent.",
        ),
        MODIFIED_AT,
        unique("product_id"),
        references("product_id", "products (id)", "ON DELETE CASCADE"),
    )


def _create_product_images() -> None:
    create_table(
        "product_images",
        "Pictures of products; the files are named by their SHA-256.",
        KEY,
        column("product_id", "uuid NOT NULL", "What it shows."),
        column("kind", "text DEFAULT 'front' NOT NULL", "front, back, label or other."),
        column("ordinal", "smallint DEFAULT 1 NOT NULL", "Order to show; 1 is first."),
        column("sha256", "bytea NOT NULL", "SHA-256 of the file, 32 bytes."),
        column("media_type", "text NOT NULL", "Such as image/jpeg."),
        column("file_name", "text DEFAULT '' NOT NULL", "Name of the file as it came."),
        column("bytes", "integer NOT NULL", "Size of the file, bytes."),
        column("width", "integer NOT NULL", "Width, pixels."),
        column("height", "integer NOT NULL", "Height, pixels."),
        column(
            "source",
            "text DEFAULT '' NOT NULL",
            "Where it came from, such as a vendor or a photographer.",
        ),
        CREATED_AT,
        check(
            "kind",
            "kind IN ('front', 'back', 'label', 'other')",
            "Kind is front, back, label, other; not {kind}.",
        ),
        check(
            "media_type",
            "media_type <> '' AND media_type = btrim(media_type)",
            "The media type may not be empty or have blanks around it.",
        ),
        check("sha256", "octet_length(sha256) = 32", "A SHA-256 has 32 bytes."),
        check("size", "width > 0 AND height > 0 AND bytes > 0", "A picture is not empty."),
        unique("product_id, sha256"),
        references("product_id", "products (id)", "ON DELETE CASCADE"),
    )


def _create_ifps_plus() -> None:
    create_table(
        "ifps_plus",
        "The produce trade's catalogue of PLU codes (IFPS).",
        KEY,
        column("plu", "integer NOT NULL", "The PLU code, 1 to 5 digits."),
        column("category", "text DEFAULT '' NOT NULL", "Category, such as Fruits."),
        column("commodity", "text DEFAULT '' NOT NULL", "Commodity, such as APPLES."),
        column("variety", "text DEFAULT '' NOT NULL", "Variety, such as Fuji."),
        column("size", "text DEFAULT '' NOT NULL", "Size, such as Small."),
        column(
            "measures",
            "text DEFAULT '' NOT NULL",
            "Measures of the size in North America and elsewhere.",
        ),
        column("aka", "text DEFAULT '' NOT NULL", "Also known as."),
        column(
            "botanical_name", "text DEFAULT '' NOT NULL", "Botanical name, such as Malus domestica."
        ),
        column("restrictions", "text DEFAULT '' NOT NULL", "Where the code may be used."),
        column("notes", "text DEFAULT '' NOT NULL", "What the catalogue says more."),
        column("revised_on", "date", "Day of its last change there."),
        column("is_deleted", "boolean DEFAULT false NOT NULL", "Withdrawn by the catalogue."),
        CREATED_AT,
        MODIFIED_AT,
        check("plu", "plu BETWEEN 1 AND 99999", "A PLU has 1 to 5 digits; not {plu}."),
        unique("plu"),
    )
