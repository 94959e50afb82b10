# SPDX-License-Identifier: Apache-2.0
"""Telling how far a task is, and hearing whether it is still wanted."""

import json
import signal
import time
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Connection, text

from poser.tasks.asking import CHANGES
from poser.tasks.queue import lock_name

EVERY_S = 0.3

_TELL = text(
    "UPDATE tasks SET progress = CAST(:progress AS jsonb) WHERE id = :id RETURNING is_unwanted"
)
_NOTIFY = text("SELECT pg_notify(:channel, :words)")
_LOCK = text("SELECT pg_advisory_lock(hashtextextended(:name, 0))")


class Teller:
    """Writes a task's progress over a connection of its own: each step, and a few times a second.

    The connection holds the task's lock: when this process dies, so does the lock. Its calls
    are the safe points at which the work may be stopped.
    """

    def __init__(self, connection: Connection, id_: UUID) -> None:
        self._connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        self._id = id_
        self._told_at = 0.0
        self._step: tuple[object, object] | None = None
        self._is_unwanted = False
        self._connection.execute(_LOCK, {"name": lock_name(id_)})
        signal.signal(signal.SIGTERM, self._on_signal)

    def __call__(self, progress: Mapping[str, object]) -> None:
        """Tell how far it is. Raises KeyboardInterrupt when the work is to stop here."""
        now = time.monotonic()
        step = (progress.get("step"), progress.get("model"))
        # The end of a step is the last moment to hear that the work is unwanted.
        is_end = progress.get("done") == progress.get("total") is not None
        if is_end or step != self._step or now - self._told_at >= EVERY_S:
            self._told_at, self._step = now, step
            said = {"progress": json.dumps(dict(progress)), "id": self._id}
            if self._connection.execute(_TELL, said).scalar():
                self._is_unwanted = True
            words = {"channel": CHANGES, "words": f"task {self._id}"}
            self._connection.execute(_NOTIFY, words)
        if self._is_unwanted:
            raise KeyboardInterrupt

    def _on_signal(self, *_signal: object) -> None:
        self._is_unwanted = True
