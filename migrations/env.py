# SPDX-License-Identifier: Apache-2.0
"""What Alembic runs around the revisions: the same for every database.

The caller gives an open connection; each revision is a transaction of its own, so an
upgrade that is cut off continues later.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
