# SPDX-License-Identifier: Apache-2.0
"""The shares that members have bought."""

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
)

revision = "coop_0002"
down_revision = "coop_0001"
branch_labels = None
depends_on = None
# The newest revision of Poser whose tables this one uses.
needs = "poser_0010"
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Create the table."""
    create_table(
        "coop_share_purchases",
        "Shares of the co-op that members bought or returned.",
        KEY,
        column("member_id", "uuid NOT NULL", "Who bought."),
        column("shares", "integer NOT NULL", "How many shares; below zero when returned."),
        column(
            "price",
            "numeric(14, 3) NOT NULL",
            "What one share costs, in the retailer's own currency.",
        ),
        column("bought_on", "date NOT NULL", "Day of the agreement."),
        column("note", "text DEFAULT '' NOT NULL", "Anything to know about it; may be empty."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "shares",
            "shares <> 0",
            "A purchase is of one share or more; less than 0: returned.",
        ),
        check("price", "price >= 0", "The price of a share cannot be negative."),
        references("member_id", "members (id)"),
        index("member_id"),
    )
    record("coop_share_purchases")


def downgrade() -> None:
    """Drop it with everything in it."""
    unrecord("coop_share_purchases")
    drop_tables("coop_share_purchases")
