# SPDX-License-Identifier: Apache-2.0
"""Executing a batch once: all that it does is one transaction, or nothing is done.

That somebody executes it is committed first, so that everybody sees it; what it does and that
it is executed are committed together. So a batch that was executed twice cannot be, whoever
clicks how often, and a program that dies in between leaves nothing but the word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from poser.batch.batch_type import BatchType, Executed, Watch, unwatched
from poser.batch.locking import begun, working
from poser.batch.moving import held, move, must_be
from poser.db.authors import AUTHOR, tell
from poser.errors import PoserError
from poser.history import changes_of_transaction, restore_transaction
from poser.history.values import Change
from poser.model.batches import (
    Batch,
    BatchExecution,
    BatchStatus,
    ExecutionStatus,
)

_DIED = "its program ended before it did; nothing of it was kept"
_MAY = (BatchStatus.COMPLETE, BatchStatus.APPROVED, BatchStatus.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What executing a batch would do; nothing of it was kept.

    `changes` are as the history would have them; tables without history have none.
    """

    executed: Executed
    changes: Sequence[Change]


def execute(
    engine: Engine, batch_type: BatchType, number: int, watch: Watch = unwatched
) -> Executed:
    """Execute a batch, and say what came of it.

    Raises BatchFrozen for one that is not ready or is executed already, Unavailable while
    somebody else executes it, and PoserError where its type says why not. What raises inside
    undoes everything: the batch has failed then, and can be executed again.
    """
    with working(engine, number) as session:
        execution_id = _start(session, batch_type, number)
        try:
            begun(session)
            executed = _do(session, batch_type, number, watch)
            _end(session, execution_id, executed)
            session.commit()
        except BaseException as error:
            begun(session)
            _fail(session, number, execution_id, _words(error))
            session.commit()
            raise
        return executed


def preview(engine: Engine, batch_type: BatchType, number: int) -> Preview:
    """Execute a batch, see what that changes, and take it all back.

    One that is still open is executed as it is now.
    """
    with working(engine, number) as session:
        begun(session)
        batch = held(session, number)
        must_be(batch, BatchStatus.OPEN, *_MAY)
        if batch.status == BatchStatus.OPEN:
            move(session, batch, BatchStatus.COMPLETE)
        move(session, batch, BatchStatus.EXECUTING)
        executed = _do(session, batch_type, number, unwatched)
        made = _transactions(session)
        changes = changes_of_transaction(session, made[0]) if made else []
        session.rollback()
        return Preview(executed=executed, changes=changes)


def undo(engine: Engine, batch_type: BatchType, number: int) -> int:
    """Take back what a batch changed, whole or not at all; returns how many records that are.

    Raises PoserError naming what others have changed since, and for a type that cannot be
    undone.
    """
    with working(engine, number) as session:
        begun(session)
        batch = held(session, number)
        must_be(batch, BatchStatus.EXECUTED)
        if not batch_type.can_undo:
            raise PoserError(f"{batch_type.title}: what it did cannot be undone")
        made = _done(session, batch).transaction_ids
        restored = [one for each in made for one in restore_transaction(session, each)]
        batch_type.undone(session, batch)
        undone(session, batch)
        session.commit()
        return len(restored)


def undone(session: Session, batch: Batch) -> None:
    """Say of an executed batch that what it changed is taken back."""
    _done(session, batch).status = ExecutionStatus.UNDONE
    move(session, batch, BatchStatus.UNDONE)


def _done(session: Session, batch: Batch) -> BatchExecution:
    """Find the execution of a batch that went well."""
    wanted = select(BatchExecution).where(
        BatchExecution.batch_id == batch.id, BatchExecution.status == ExecutionStatus.DONE
    )
    return session.scalars(wanted).one()


def _start(session: Session, batch_type: BatchType, number: int) -> UUID:
    """Note that a batch is executed now, for everybody to see."""
    begun(session)
    batch = held(session, number)
    if batch.status == BatchStatus.EXECUTING:  # nobody holds its lock: left by one that died
        left = select(BatchExecution.id).where(
            BatchExecution.batch_id == batch.id, BatchExecution.status == ExecutionStatus.RUNNING
        )
        _fail(session, number, session.scalars(left).one(), _DIED)
    must_be(batch, *_MAY)
    needs = batch_type.needs_approval(session, batch)
    if needs and not (batch.approved_by_id or batch.approved_by_name):
        raise PoserError(
            f"batch {number} must be approved first",
            hint=f"somebody else: `poser batch approve {number}`",
        )
    why = batch_type.why_not(session, batch)
    if why:
        raise PoserError(f"batch {number} cannot be executed: {why}")
    who = AUTHOR.get()
    execution = BatchExecution(
        batch_id=batch.id,
        user_id=who.user_id if who else None,
        user_name=who.user_name if who else "",
    )
    session.add(execution)
    batch.status_text = ""
    move(session, batch, BatchStatus.EXECUTING)
    session.commit()
    return execution.id


def _do(session: Session, batch_type: BatchType, number: int, watch: Watch) -> Executed:
    """Do the work in the running transaction; its history names the batch."""
    who = AUTHOR.get()
    if who is not None:
        tell(session.connection(), replace(who, via=f"batch {number}"))
    batch = held(session, number)
    must_be(batch, BatchStatus.EXECUTING)
    executed = batch_type.execute(session, batch, watch)
    session.refresh(batch)
    batch.executed_at = func.clock_timestamp()
    move(session, batch, BatchStatus.EXECUTED)
    return executed


def _end(session: Session, execution_id: UUID, executed: Executed) -> None:
    execution = session.get_one(BatchExecution, execution_id)
    execution.status = ExecutionStatus.DONE
    execution.ended_at = func.clock_timestamp()
    execution.counts = dict(executed.counts)
    execution.notes = list(executed.notes)
    execution.transaction_ids = _transactions(session)
    session.flush()


def _fail(session: Session, number: int, execution_id: UUID, why: str) -> None:
    batch = held(session, number)
    execution = session.get_one(BatchExecution, execution_id)
    execution.status, execution.why = ExecutionStatus.FAILED, why
    execution.ended_at = func.clock_timestamp()
    batch.status_text = why
    move(session, batch, BatchStatus.FAILED)


def _transactions(session: Session) -> list[UUID]:
    """Name the running transaction in the history, if it changed anything recorded."""
    found = session.execute(text("SELECT history_transaction()")).scalar_one()
    return [found] if found else []


def _words(error: BaseException) -> str:
    if isinstance(error, PoserError):
        return error.message
    if isinstance(error, KeyboardInterrupt):
        return "somebody interrupted it"
    words = " ".join(str(getattr(error, "orig", None) or error).split())
    return f"{type(error).__name__}: {words}"


def executions(session: Session, batch: Batch) -> Sequence[BatchExecution]:
    """List the executions of a batch, oldest first."""
    of_batch = select(BatchExecution).where(BatchExecution.batch_id == batch.id)
    return session.scalars(of_batch.order_by(BatchExecution.began_at)).all()
