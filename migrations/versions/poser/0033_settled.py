# SPDX-License-Identifier: Apache-2.0
"""What a node had of rows that the host has settled since, until it knows."""

from migrations.tables import column, create_table, drop_tables

revision = "poser_0033"
down_revision = "poser_0032"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Make the table."""
    create_table(
        "datasync_settled",
        "Rows as a node sent them which the host settled otherwise, until the node knows.",
        column("peer", "text NOT NULL", "The node that sent it."),
        column("table_name", "text NOT NULL", "The table."),
        column("key", "uuid NOT NULL", "The row's id."),
        column("data", "jsonb", "The row as the node has it; empty: it deleted it."),
        column("pos", "bigint NOT NULL", "Place in this node's queue from which on it knows."),
        column("at", "timestamptz DEFAULT now() NOT NULL", "When it was settled (UTC)."),
        key="peer, table_name, key",
    )


def downgrade() -> None:
    """Take it away."""
    drop_tables("datasync_settled")
