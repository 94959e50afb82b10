# SPDX-License-Identifier: Apache-2.0
"""Telephone numbers are found by their ends, since people leave out country and area."""

from alembic import op

from migrations.tables import extend_table, index

revision = "poser_0026"
down_revision = "poser_0025"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Add the index."""
    extend_table("phones", index("reverse(digits) text_pattern_ops", name="ending"))


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX ix_phones_ending")
