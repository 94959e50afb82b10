# SPDX-License-Identifier: Apache-2.0
"""What revisions need for tables that are cut by time; see poser.db.partitions.

A revision creates the table with `postgresql_partition_by="RANGE (column)"`, then its
triggers, then calls `start_partitions` with the same value as the model has in its info.
Dropping the table drops its partitions.
"""

from datetime import UTC, datetime

from alembic import op

from poser.db import leaves
from poser.db.partitions import Partitions, make_ahead, periods


def start_partitions(partitions: Partitions) -> None:
    """Make the DEFAULT partitions of new tables, the present ones and those ahead."""
    connection = op.get_bind()
    leaves.prepare_archive(connection)
    leaves.create(connection, partitions.defaults())
    leaves.attach(connection, partitions.defaults())
    make_ahead(connection, partitions, datetime.now(UTC))


def copy_triggers(partitions: Partitions) -> None:
    """Give all partitions the statement-level triggers that their table has now.

    For a revision that adds or drops such a trigger where partitions are already.
    """
    connection = op.get_bind()
    leaves.copy_triggers(connection, partitions.defaults())
    for period in periods(connection, partitions):
        leaves.copy_triggers(connection, partitions.leaves(period))


def drop_archive() -> None:
    """Drop the schema of archived partitions with everything in it; for a downgrade."""
    op.execute(f"DROP SCHEMA IF EXISTS {leaves.ARCHIVE} CASCADE")
