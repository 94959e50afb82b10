# SPDX-License-Identifier: Apache-2.0
"""How scheduled imports stand: when each ran last, how that ended, whether one was missed."""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from poser.config import Config, Setting
from poser.errors import PoserError
from poser.importing.result import RunStatus
from poser.importing.schedules import LONGEST_S, SPREAD_S, Schedule

LATE = Setting(
    "import.late_after",
    timedelta,
    default="1 h",
    low=timedelta(minutes=1),
    doc="How long after its hour a scheduled import that has not begun counts as missed.",
    file_only=True,  # a database that does not answer must not be in the way
)

After = Callable[[str, datetime], datetime | None]
"""Says when a time of systemd's calendar comes next after a moment."""

_TIMEOUT_S = 10
_BAD = (RunStatus.FAILED, RunStatus.STOPPED, RunStatus.INTERRUPTED)
_LAST = text(
    "SELECT number, status, began_at, why, hint, (SELECT coalesce(sum((one ->> 'refused')::bigint),"
    " 0) FROM jsonb_array_elements(counts) AS one) AS refused FROM import_runs"
    " WHERE key = :key AND asked ->> 'schedule' = :name AND reverts_id IS NULL"
    " ORDER BY began_at DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """The newest run of a schedule; `refused` records were kept aside."""

    number: int
    status: RunStatus
    began_at: datetime
    why: str
    hint: str
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one schedule stands; `missed_at` is when it should have begun and did not."""

    schedule: Schedule
    last: LastRun | None
    missed_at: datetime | None
    next_at: datetime | None

    @property
    def failure(self) -> str:
        """Say why the last run counts as failed; empty when it does not."""
        if self.last is None or self.last.status not in _BAD:
            return ""
        return self.last.why or f"it ended as {self.last.status}"


def standings(
    connection: Connection,
    schedules: Sequence[Schedule],
    config: Config,
    now: datetime,
    after: After | None = None,
) -> list[Standing]:
    """Say how schedules stand. Raises PoserError where systemd cannot be asked for the hours.

    What the hours were before the settings file was written is not known: a run counts as
    missed only if its hour came later.
    """
    told = max(_written(config), default=datetime.fromtimestamp(0, UTC))
    patience = LATE(config) + timedelta(seconds=SPREAD_S)
    after = after or next_after
    found = []
    for one in schedules:
        last = _last(connection, one, now)
        due = after(one.when, max(told, last.began_at) if last else told)
        runs = last is not None and last.status is RunStatus.RUNNING
        is_missed = due is not None and due + patience < now and not runs
        found.append(
            Standing(
                schedule=one,
                last=last,
                missed_at=due if is_missed else None,
                next_at=after(one.when, now),
            )
        )
    return found


def next_after(when: str, moment: datetime) -> datetime | None:
    """Ask systemd when a time of its calendar comes next after a moment; None for never."""
    base = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    command = ("systemd-analyze", "calendar", f"--base-time={base}", when)
    clean = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, env=clean
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PoserError(
            f"systemd-analyze does not say when {when!r} comes: {error}",
            hint="scheduled imports need a machine with systemd",
        ) from error
    if done.returncode:
        raise PoserError(
            f"{when!r} is no time of systemd's calendar: {' '.join(done.stderr.split())}",
            hint="systemd-analyze calendar tries one out",
        )
    said = dict(line.strip().split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    words = said.get("Next elapse", "never")
    if words == "never":
        return None
    return datetime.strptime(words, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)


def _last(connection: Connection, schedule: Schedule, now: datetime) -> LastRun | None:
    named = {"key": schedule.words[0], "name": schedule.name}
    row = connection.execute(_LAST, named).one_or_none()
    if row is None:
        return None
    status, why = RunStatus(row.status), row.why
    if status is RunStatus.RUNNING and now - row.began_at > timedelta(seconds=LONGEST_S):
        status, why = RunStatus.INTERRUPTED, "its program ended before it did"
    return LastRun(
        number=row.number,
        status=status,
        began_at=row.began_at,
        why=why,
        hint=row.hint,
        refused=int(row.refused),
    )


def _written(config: Config) -> Iterator[datetime]:
    """Give when the settings files were written."""
    for path in config.paths:
        if path.exists():
            yield datetime.fromtimestamp(path.stat().st_mtime, UTC)
