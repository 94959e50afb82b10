# SPDX-License-Identifier: Apache-2.0
"""${message}."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
branch_labels: str | Sequence[str] | None = ${repr(branch_labels)}
depends_on: str | Sequence[str] | None = ${repr(depends_on)}
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Say in one sentence what this adds."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take it out again."""
    ${downgrades if downgrades else "pass"}
