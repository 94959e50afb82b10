# SPDX-License-Identifier: Apache-2.0
"""The history of records: who changed what and when, and how to bring it back.

Triggers keep it (migrations/recording.py), so it is there whoever made the change. It can be
read always, also of a table whose recording is off. See docs/howto/history.md.
"""

from poser.history.reading import changes_of, changes_of_transaction, deleted, last_change
from poser.history.replaying import Then
from poser.history.restoring import (
    as_of,
    restore_field,
    restore_record,
    restore_transaction,
)

__all__ = [
    "Then",
    "as_of",
    "changes_of",
    "changes_of_transaction",
    "deleted",
    "last_change",
    "restore_field",
    "restore_record",
    "restore_transaction",
]
