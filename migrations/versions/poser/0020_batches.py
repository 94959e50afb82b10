# SPDX-License-Identifier: Apache-2.0
"""Batches: work that waits for a person, and its rows."""

revision = "poser_0020"
down_revision = "poser_0019"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Create the tables."""


def downgrade() -> None:
    """Drop them with everything in them."""
