# SPDX-License-Identifier: Apache-2.0
"""Which nodes were told of a POS transaction: on the host, cloud nodes are, one by one."""

from migrations.tables import column, drop_columns, extend_table

revision = "trainwreck_0005"
down_revision = "trainwreck_0004"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Add the column."""
    extend_table(
        "pos_outbox",
        column("told", "text[] DEFAULT '{}' NOT NULL", "Nodes that were told already."),
    )


def downgrade() -> None:
    """Take it away."""
    drop_columns("pos_outbox", "told")
