# SPDX-License-Identifier: Apache-2.0
"""Batches whose work is over are deleted after a while, each type after its own."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.batch.batch_type import BatchType
from poser.batch.moving import must_be
from poser.model.batches import Batch, BatchStatus

_OVER = """
FROM batches WHERE key = :key AND executed_at < now() - make_interval(days => :days)
"""


def purge(
    session: Session,
    types: Iterable[BatchType],
    *,
    days: int | None = None,
    dry_run: bool = False,
) -> dict[str, int]:
    """Delete executed batches that are older than their type keeps them; returns how many.

    `days` stands for what the types say. What they changed stays, and so does its history.
    """
    statement = f"SELECT count(*) {_OVER}" if dry_run else f"DELETE {_OVER}"
    gone = {}
    for one in types:
        values = {"key": one.key, "days": one.keep_days if days is None else days}
        done = session.execute(text(statement), values)
        gone[one.key] = int(done.scalar_one() if dry_run else getattr(done, "rowcount", 0))
    return gone


def delete(session: Session, batch: Batch) -> None:
    """Delete a batch with its rows. Raises BatchFrozen while somebody fills or executes it."""
    must_be(batch, *(set(BatchStatus) - {BatchStatus.EXECUTING, BatchStatus.POPULATING}))
    session.delete(batch)
    session.flush()
