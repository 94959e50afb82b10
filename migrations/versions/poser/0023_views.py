# SPDX-License-Identifier: Apache-2.0
"""Views of grids that people name, keep and share."""

revision = "poser_0023"
down_revision = "poser_0022"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Make them."""


def downgrade() -> None:
    """Take them away."""
