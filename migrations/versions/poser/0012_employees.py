# SPDX-License-Identifier: Apache-2.0
"""Employees, when and where they work."""

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

revision = "poser_0012"
down_revision = "poser_0011"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

RECORDED = ("employees", "employment_periods", "employee_departments", "employee_stores")


def upgrade() -> None:
    """Create the tables."""
    _create_employees()
    _create_employment_periods()
    _create_employee_departments()
    _create_employee_stores()
    for table in RECORDED:
        record(table)


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in reversed(RECORDED):
        unrecord(table)
    drop_tables("employee_stores", "employee_departments", "employment_periods", "employees")


def _create_employees() -> None:
    create_table(
        "employees",
        "People who work or worked here.",
        KEY,
        column("number", "text", "Number at the till; leading zeros count."),
        column("person_id", "uuid NOT NULL", "Who it is."),
        column("status", "text DEFAULT 'current' NOT NULL", "current or former."),
        column(
            "display_name",
            "text DEFAULT '' NOT NULL",
            "Name on receipts and badges; empty: the person's.",
        ),
        column("job_title", "text DEFAULT '' NOT NULL", "What they do, such as cashier."),
        column("is_full_time", "boolean DEFAULT false NOT NULL", "Works full time."),
        column("full_time_since", "date", "Day from which full time."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "number",
            "number <> '' AND number = btrim(number)",
            "The number may not be empty or have blanks around it.",
        ),
        check(
            "status", "status IN ('current', 'former')", "Status is current, former; not {status}."
        ),
        unique("number"),
        unique("person_id"),
        references("person_id", "people (id)"),
    )


def _create_employment_periods() -> None:
    create_table(
        "employment_periods",
        "When people worked here.",
        KEY,
        column("employee_id", "uuid NOT NULL", "Who worked."),
        column(
            "valid", "daterange NOT NULL", "From the first day to the day after the last, or open."
        ),
        column("note", "text DEFAULT '' NOT NULL", "What somebody wrote about it."),
        CREATED_AT,
        MODIFIED_AT,
        check("valid", "NOT isempty(valid)", "An employment must end after it begins."),
        references("employee_id", "employees (id)", "ON DELETE CASCADE"),
        no_overlap(
            "employee_id WITH =, valid WITH &&",
            "{employee_id} is employed already between {valid.from} and {valid.to}: from"
            " {other.from} to {other.to}.",
        ),
        index("employee_id"),
    )


def _create_employee_departments() -> None:
    create_table(
        "employee_departments",
        "Who works in which departments.",
        KEY,
        column("employee_id", "uuid NOT NULL", "Who works there."),
        column("department_id", "uuid NOT NULL", "The department."),
        column("ordinal", "smallint DEFAULT 1 NOT NULL", "1 is the main department."),
        unique("employee_id, department_id"),
        references("department_id", "departments (id)", "ON DELETE CASCADE"),
        references("employee_id", "employees (id)", "ON DELETE CASCADE"),
        index("department_id"),
    )


def _create_employee_stores() -> None:
    create_table(
        "employee_stores",
        "Who works in which stores.",
        KEY,
        column("employee_id", "uuid NOT NULL", "Who works there."),
        column("store_id", "uuid NOT NULL", "The store."),
        column("ordinal", "smallint DEFAULT 1 NOT NULL", "1 is the main store."),
        unique("employee_id, store_id"),
        references("employee_id", "employees (id)", "ON DELETE CASCADE"),
        references("store_id", "stores (id)", "ON DELETE CASCADE"),
        index("store_id"),
    )
