# SPDX-License-Identifier: Apache-2.0
"""What the co-op keeps of products, and their organic certificates."""

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
    no_overlap,
    references,
    unique,
)

revision = "coop_0001"
down_revision = None
branch_labels = None
depends_on = None
# The newest revision of Poser whose tables this one uses.
needs = "poser_0003"
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Create the tables."""
    create_table(
        "coop_products",
        "What the co-op keeps of a product beside its own columns; one row each.",
        KEY,
        column("product_id", "uuid NOT NULL", "The product."),
        column(
            "is_local",
            "boolean DEFAULT false NOT NULL",
            "Grown or made in the region that the members have agreed on.",
        ),
        column(
            "producer",
            "text DEFAULT '' NOT NULL",
            "Farm or maker, as the shelf names it; may be empty.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        unique("product_id"),
        references("product_id", "products (id)", "ON DELETE CASCADE"),
    )
    record("coop_products")
    create_table(
        "coop_certificates",
        "Organic certificates of products.",
        KEY,
        column("product_id", "uuid NOT NULL", "The product that is certified."),
        column("number", "text NOT NULL", "Number of the certificate, as it is printed."),
        column(
            "certifier",
            "text NOT NULL",
            "Who certifies, with the code that must stand on labels, such as US-ORG-021.",
        ),
        column(
            "valid",
            "daterange NOT NULL",
            "Days on which it holds: with the first, without the last.",
        ),
        column(
            "document_name",
            "text DEFAULT '' NOT NULL",
            "Name of the document's file; empty without one.",
        ),
        column(
            "document",
            "bytea",
            "The certificate as a file, such as a PDF; its versions are not kept.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "number",
            "number <> '' AND number = btrim(number)",
            "The number may not be empty or have blanks around it.",
        ),
        check(
            "certifier",
            "certifier <> '' AND certifier = btrim(certifier)",
            "The certifier may not be empty or have blanks around it.",
        ),
        check(
            "valid",
            "NOT isempty(valid) AND NOT lower_inf(valid) AND NOT upper_inf(valid)",
            "A certificate is valid from one day to a later one.",
        ),
        check(
            "document",
            "(document IS NULL) = (document_name = '')",
            "A document comes with the name of its file.",
        ),
        no_overlap(
            "product_id WITH =, valid WITH &&",
            "Another certificate of the product is valid in {valid} already.",
        ),
        references("product_id", "products (id)", "ON DELETE CASCADE"),
        index("product_id"),
    )
    record("coop_certificates", without=("document",))


def downgrade() -> None:
    """Drop them with everything in them."""
    unrecord("coop_certificates")
    unrecord("coop_products")
    drop_tables("coop_certificates", "coop_products")
