# SPDX-License-Identifier: Apache-2.0
"""Filling a batch with its rows: all of them, or the batch stays a draft."""

from sqlalchemy import Engine

from poser.batch.batch_type import BatchType
from poser.batch.locking import begun, working
from poser.batch.moving import held, move, must_be
from poser.batch.rows import add_rows
from poser.model.batches import Batch, BatchStatus


def populate(engine: Engine, batch_type: BatchType, number: int) -> Batch:
    """Fill a draft with the rows that its type gives, and open it for people.

    While it goes on everybody sees that. An error leaves the draft as it was, and so does a
    program that dies: then this can be done again.
    """
    with working(engine, number) as session:
        begun(session)
        batch = held(session, number)
        if batch.status != BatchStatus.POPULATING:  # left so by a program that died
            must_be(batch, BatchStatus.DRAFT)
            move(session, batch, BatchStatus.POPULATING)
        session.commit()
        try:
            begun(session)
            batch = held(session, number)
            add_rows(session, batch, batch_type.populate(session, batch))
            move(session, batch, BatchStatus.OPEN)
            session.commit()
        except BaseException:
            begun(session)
            move(session, held(session, number), BatchStatus.DRAFT)
            session.commit()
            raise
        return batch
