# SPDX-License-Identifier: Apache-2.0
"""Runs of importers, what they changed and what they kept aside."""

revision = "poser_0019"
down_revision = "poser_0018"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Create the tables."""


def downgrade() -> None:
    """Drop them with everything in them."""
