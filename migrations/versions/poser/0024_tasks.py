# SPDX-License-Identifier: Apache-2.0
"""Tasks that run beside the web app, and what people say about it."""

revision = "poser_0024"
down_revision = "poser_0023"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Make them."""


def downgrade() -> None:
    """Take them away."""
