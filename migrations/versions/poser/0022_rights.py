# SPDX-License-Identifier: Apache-2.0
"""Second factors, root, store limits of users, and tokens with scopes."""

revision = "poser_0022"
down_revision = "poser_0021"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Make them."""


def downgrade() -> None:
    """Take them away."""
