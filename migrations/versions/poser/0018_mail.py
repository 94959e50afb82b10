# SPDX-License-Identifier: Apache-2.0
"""The outbox of mail, what was sent of it, and what people set for each type."""

revision = "poser_0018"
down_revision = "poser_0017"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Create the tables."""


def downgrade() -> None:
    """Drop them with everything in them."""
