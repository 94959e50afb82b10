# SPDX-License-Identifier: Apache-2.0
"""Mail about scheduled imports that failed or were missed."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from poser.importing.emails import IMPORT_FAILED, IMPORT_MISSED
from poser.importing.schedules import Schedule
from poser.importing.standing import Standing
from poser.mail import queue
from poser.model.mail import Email


def mail_failed(
    session: Session,
    schedule: Schedule,
    *,
    at: datetime,
    why: str,
    hint: str = "",
    run: int | None = None,
) -> None:
    """Queue the mail that a scheduled import failed; `run` is its number, where it has one."""
    queue(
        session,
        IMPORT_FAILED,
        about=f"{schedule.name}: {why}",
        data={
            "schedule": schedule.name,
            "when": schedule.when,
            "command": schedule.command,
            "at_time": at,
            "why": why,
            "hint": hint,
            "run": run,
        },
    )


def mail_missed(session: Session, standing: Standing) -> bool:
    """Queue the mail that a scheduled import was missed, once for each time; tell whether."""
    schedule, due = standing.schedule, standing.missed_at
    if due is None:
        return False
    about = f"{schedule.name} {due.isoformat()}"
    told = select(exists().where(Email.key == IMPORT_MISSED.key, Email.about == about))
    if session.execute(told).scalar_one():
        return False
    queue(
        session,
        IMPORT_MISSED,
        about=about,
        data={
            "schedule": schedule.name,
            "when": schedule.when,
            "command": schedule.command,
            "due_at": due,
            "last_at": standing.last.began_at if standing.last else None,
            "timer": schedule.job.timer,
        },
    )
    return True
