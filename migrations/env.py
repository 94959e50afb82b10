# SPDX-License-Identifier: Apache-2.0
"""What Alembic runs around the revisions: the same for every database and every extension.

The caller gives an open connection, and the table that keeps the branch's version; each
revision is a transaction of its own, so an upgrade that is cut off continues later.
"""

from alembic import context

from migrations.privileges import only_to_be_read

given = context.config.attributes
context.configure(
    connection=given["connection"],
    version_table=given["version_table"],
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
if given["protects"]:
    # The application may write to tables that are made now, but never to this one.
    context.execute(only_to_be_read(given["version_table"]))
