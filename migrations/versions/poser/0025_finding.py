# SPDX-License-Identifier: Apache-2.0
"""People and customers are found by parts of their names, and listed by name."""

from alembic import op

from migrations.tables import extend_table, index

revision = "poser_0025"
down_revision = "poser_0024"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

_CUSTOMER = "(lower(name) || ' ' || lower(coalesce(number, ''))) gin_trgm_ops"


def upgrade() -> None:
    """Add the indexes."""
    extend_table("people", index("lower(display_name) gin_trgm_ops", name="search", using="gin"))
    extend_table("customers", index("name, id"), index(_CUSTOMER, name="search", using="gin"))
    op.execute("DROP INDEX ix_customers_name")


def downgrade() -> None:
    """Put the one index of names back."""
    extend_table("customers", index("name"))
    op.execute("DROP INDEX ix_customers_search, ix_customers_name_id, ix_people_search")
