# SPDX-License-Identifier: Apache-2.0
"""Ids are made by one process: PostgreSQL may not call uuid7() from parallel workers."""

from migrations.ids import keep_uuid7_alone, let_uuid7_be_parallel

revision = "tempmon_0002"
down_revision = "tempmon_0001"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Say so of the function."""
    keep_uuid7_alone()


def downgrade() -> None:
    """Say what was said before."""
    let_uuid7_be_parallel()
