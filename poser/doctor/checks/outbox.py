# SPDX-License-Identifier: Apache-2.0
"""Whether mail of ours is sent, or waits and fails in the outbox."""

from datetime import datetime, timedelta
from typing import NamedTuple

from poser.config import Setting
from poser.doctor.check import Check, Finding, ok, warning, wrong
from poser.doctor.subject import Subject

MINUTES = Setting(
    "doctor.outbox_minutes",
    int,
    default=30,
    low=1,
    high=10_080,
    doc="Minutes for which a mail may be due, or tried, before poser doctor calls it stuck.",
    file_only=True,  # a database that does not answer must not be in the way
)
_RECENT = timedelta(days=1)
_MEND = "systemctl status poser-mail; poser mail queue says why"
_LONGEST = 200

_QUERY = """
    SELECT count(*) FILTER (WHERE status = 'waiting') AS waiting,
        count(*) FILTER (WHERE is_stuck) AS stuck,
        min(queued_at) FILTER (WHERE is_stuck) AS stuck_since,
        max(status_text) FILTER (WHERE is_stuck) AS stuck_because,
        count(*) FILTER (WHERE status = 'failed') AS failed,
        max(status_text) FILTER (WHERE status = 'failed') AS failed_because,
        count(*) FILTER (WHERE status = 'not_sent' AND status_text LIKE 'nobody gets it%') AS lost
    FROM (SELECT *, status = 'waiting' AND (due_at < :late
            OR message IS NOT NULL AND queued_at < :late) AS is_stuck
        FROM emails WHERE status = 'waiting' OR finished_at >= :recent) looked
"""


class Outbox(NamedTuple):
    """What the outbox has: counts, and of what is stuck since when and why."""

    waiting: int
    stuck: int
    stuck_since: datetime | None
    stuck_because: str | None
    failed: int
    failed_because: str | None
    lost: int


def _look(subject: Subject) -> Finding:
    from sqlalchemy import text  # noqa: PLC0415 - slow

    now = subject.clock()
    values = {
        "late": now - timedelta(minutes=MINUTES(subject.node.config)),
        "recent": now - _RECENT,
    }
    with subject.connected("poser") as connection:
        row = connection.execute(text(_QUERY), values).one()
    return judged(Outbox(*row))


def judged(outbox: Outbox) -> Finding:
    """Judge the outbox: stuck mail is wrong, single mails that failed are worth a look."""
    if outbox.stuck:
        since = f" since {outbox.stuck_since:%Y-%m-%d %H:%M} UTC" if outbox.stuck_since else ""
        return wrong(
            f"{outbox.stuck} mails are stuck in the outbox{since}: "
            f"{(outbox.stuck_because or 'nobody says why')[:_LONGEST]}",
            hint=_MEND,
        )
    if outbox.failed:
        return warning(
            f"{outbox.failed} mails could not be sent since yesterday: "
            f"{(outbox.failed_because or 'nobody says why')[:_LONGEST]}",
            hint="poser mail queue --status failed; poser mail retry ID",
        )
    if outbox.lost:
        return warning(
            f"{outbox.lost} mails since yesterday had nobody to go to",
            hint="poser mail queue --status not_sent; poser mail set TYPE --to ADDRESS",
        )
    return ok(f"{outbox.waiting} mails wait for their time" if outbox.waiting else "all is sent")


CHECK = Check(
    name="outbox",
    means="What Poser has to tell, such as errors and unexpected changes, reaches nobody.",
    mend="systemctl status poser-mail says whether it runs; poser mail queue why mail waits.",
    look=_look,
)
