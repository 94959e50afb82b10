# SPDX-License-Identifier: Apache-2.0
"""What failed last on this node: imports, batches, mail, tasks, and sign-ins, grouped."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from poser.importing.result import RunStatus
from poser.model import (
    Batch,
    BatchExecution,
    EmailAttempt,
    EmailStatus,
    ExecutionStatus,
    ImportRun,
    SignInEvent,
    SignInKind,
)

MOST = 20
LOOKED_BACK = timedelta(days=7)
_LONGEST = 200
_WRONG = (SignInKind.WRONG_PASSWORD, SignInKind.UNKNOWN_USER, SignInKind.THROTTLED)


class Failure(NamedTuple):
    """Failures that are alike: what, why, how often, when the last one was."""

    what: str
    which: str
    why: str
    times: int
    last_at: datetime


def failures(session: Session, now: datetime) -> Sequence[Failure]:
    """List what failed within a week, what is alike as one, the newest first."""
    since = now - LOOKED_BACK
    batch = select(Batch.key).where(Batch.id == BatchExecution.batch_id).scalar_subquery()
    failed_runs = ImportRun.status.in_((RunStatus.FAILED, RunStatus.INTERRUPTED))
    all_of_them = union_all(
        _part("import", ImportRun.key, ImportRun.why, ImportRun.began_at).where(failed_runs),
        _part("batch", batch, BatchExecution.why, BatchExecution.began_at).where(
            BatchExecution.status == ExecutionStatus.FAILED
        ),
        _part("mail", EmailAttempt.key, EmailAttempt.status_text, EmailAttempt.at).where(
            EmailAttempt.status == EmailStatus.FAILED
        ),
        _part("sign-in", SignInEvent.name, SignInEvent.kind, SignInEvent.at).where(
            SignInEvent.kind.in_(_WRONG)
        ),
    ).subquery()
    each = all_of_them.c
    last_at = func.max(each.at)
    rows = session.execute(
        select(each.what, each.which, each.why, func.count(), last_at)
        .where(each.at >= since)
        .group_by(each.what, each.which, each.why)
        .order_by(last_at.desc())
        .limit(MOST)
    )
    return [Failure(*row) for row in rows]


def _part(what: str, which: Any, why: Any, at: Any) -> Select[Any]:  # noqa: ANN401 - columns
    return select(
        literal(what).label("what"),
        which.label("which"),
        func.left(why, _LONGEST).label("why"),
        at.label("at"),
    )
