# SPDX-License-Identifier: Apache-2.0
"""Mail that Poser writes: kept with the work it is about, sent by a service of its own.

    IMPORT_CHANGES = EmailType(
        key="import_changes",
        description="Changes that an import found where none were expected.",
        subject="{handler}: {changes} changes",
        sample={"handler": "northwind", "changes": 3},
    )

    queue(session, IMPORT_CHANGES, data={"handler": "csv", "changes": 12}, to=["role:Buyers"])

A type is a value in a module called `emails.py` of any package of Poser or of an extension;
its template `import_changes.pt` lies in the folder `templates/` beside that. `queue` writes
to the outbox in the caller's transaction: what is rolled back sends no mail. The service
`poser-mail` sends what is committed. See docs/howto/mail.md.
"""

from poser.mail.outbox import queue
from poser.mail.types import EmailType, OfRecord

__all__ = ["EmailType", "OfRecord", "queue"]
