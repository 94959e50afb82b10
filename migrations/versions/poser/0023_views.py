# SPDX-License-Identifier: Apache-2.0
"""Views of grids that people name, keep and share."""

from alembic import op

from migrations.recording import record, unrecord
from migrations.tables import (
    CREATED_AT,
    KEY,
    MODIFIED_AT,
    Rule,
    check,
    column,
    create_table,
    drop_tables,
    index,
    references,
)

revision = "poser_0023"
down_revision = "poser_0022"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

_ONE_OF_A_NAME = Rule(
    "uq",
    "grid_name_user_id_user_role_id",
    "UNIQUE NULLS NOT DISTINCT (grid, name, user_id, user_role_id) DEFERRABLE INITIALLY IMMEDIATE",
)
_ONE_DEFAULT = (
    "CREATE UNIQUE INDEX ix_grid_views_default ON grid_views (grid, user_id, user_role_id)"
    " NULLS NOT DISTINCT WHERE is_default"
)


def upgrade() -> None:
    """Create the table."""
    create_table(
        "grid_views",
        "Views of grids that people keep and share.",
        KEY,
        column("grid", "text NOT NULL", "Path of the grid, such as /vendors."),
        column("name", "text NOT NULL", "What people call the view."),
        column(
            "query",
            "text DEFAULT '' NOT NULL",
            "Search, filters, order and columns, as they stand in an address.",
        ),
        column("user_id", "uuid", "Whose view it is; empty: of several people."),
        column("user_role_id", "uuid", "Who sees it with that user role; empty: no one by that."),
        column(
            "is_default",
            "boolean DEFAULT false NOT NULL",
            "Shown when the grid is opened without another wish.",
        ),
        column("is_pinned", "boolean DEFAULT false NOT NULL", "Shown on the first page, too."),
        CREATED_AT,
        MODIFIED_AT,
        _ONE_OF_A_NAME,
        check(
            "grid",
            "grid <> '' AND grid = btrim(grid)",
            "The grid may not be empty or have blanks around it.",
        ),
        check(
            "name",
            "name <> '' AND name = btrim(name)",
            "The name may not be empty or have blanks around it.",
        ),
        check(
            "owner",
            "user_id IS NULL OR user_role_id IS NULL",
            "A view belongs to a user or to a user role, not to both.",
        ),
        check("query", "length(query) <= 8000", "A view has at most 8,000 characters."),
        references("user_id", "users (id)", "ON DELETE CASCADE"),
        references("user_role_id", "user_roles (id)", "ON DELETE CASCADE"),
        index("user_id"),
        index("user_role_id"),
    )
    op.execute(_ONE_DEFAULT)
    record("grid_views")


def downgrade() -> None:
    """Drop it with everything in it."""
    unrecord("grid_views")
    drop_tables("grid_views")
