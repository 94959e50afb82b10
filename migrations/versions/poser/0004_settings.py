# SPDX-License-Identifier: Apache-2.0
"""Settings that are kept in the database."""

revision = "poser_0004"
down_revision = "poser_0003"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Create the table."""


def downgrade() -> None:
    """Drop them with everything in them."""
