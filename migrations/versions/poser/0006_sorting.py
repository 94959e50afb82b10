# SPDX-License-Identifier: Apache-2.0
"""What products are sorted by, beside departments."""

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

revision = "poser_0006"
down_revision = "poser_0005"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

RECORDED = ("subdepartments", "categories", "families", "report_codes")


def upgrade() -> None:
    """Create the tables."""
    _create_subdepartments()
    _create_categories()
    _create_families()
    _create_report_codes()
    for table in RECORDED:
        record(table)


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in reversed(RECORDED):
        unrecord(table)
    drop_tables("report_codes", "families", "categories", "subdepartments")


def _create_subdepartments() -> None:
    create_table(
        "subdepartments",
        "Parts of departments.",
        KEY,
        column("number", "text NOT NULL", "Number, such as 1203; leading zeros count."),
        column("name", "text NOT NULL", "What people call the subdepartment."),
        column("department_id", "uuid", "What it is a part of."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "name",
            "name <> '' AND name = btrim(name)",
            "The name may not be empty or have blanks around it.",
        ),
        check(
            "number",
            "number <> '' AND number = btrim(number)",
            "The number may not be empty or have blanks around it.",
        ),
        unique("number"),
        references("department_id", "departments (id)"),
        index("department_id"),
    )


def _create_categories() -> None:
    create_table(
        "categories",
        "Groups that buyers plan by, below departments; may nest.",
        KEY,
        column("code", "text NOT NULL", "Short code, such as 40-CHE."),
        column("name", "text NOT NULL", "What people call the category."),
        column("department_id", "uuid", "The department it is in."),
        column("parent_id", "uuid", "The wider category."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "code",
            "code <> '' AND code = btrim(code)",
            "The code may not be empty or have blanks around it.",
        ),
        check(
            "name",
            "name <> '' AND name = btrim(name)",
            "The name may not be empty or have blanks around it.",
        ),
        check("parent", "parent_id <> id", "A category cannot be a part of itself."),
        unique("code"),
        references("department_id", "departments (id)"),
        references("parent_id", "categories (id)"),
        index("department_id"),
        index("parent_id"),
    )


def _create_families() -> None:
    create_table(
        "families",
        "Families of products, as coupons of makers name them.",
        KEY,
        column("code", "text NOT NULL", "The family's code, such as 012."),
        column("name", "text NOT NULL", "What people call the family."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "code",
            "code <> '' AND code = btrim(code)",
            "The code may not be empty or have blanks around it.",
        ),
        check(
            "name",
            "name <> '' AND name = btrim(name)",
            "The name may not be empty or have blanks around it.",
        ),
        unique("code"),
    )


def _create_report_codes() -> None:
    create_table(
        "report_codes",
        "Groups of products for reports that go across departments.",
        KEY,
        column("code", "text NOT NULL", "The code, such as 7701."),
        column("name", "text NOT NULL", "What the report calls the group."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "code",
            "code <> '' AND code = btrim(code)",
            "The code may not be empty or have blanks around it.",
        ),
        check(
            "name",
            "name <> '' AND name = btrim(name)",
            "The name may not be empty or have blanks around it.",
        ),
        unique("code"),
    )
