# SPDX-License-Identifier: Apache-2.0
"""Whether the clock is right as far as a node can tell by itself.

No network is asked: the kernel says whether something keeps its clock right, and what was
written here earlier cannot be later than now.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from poser.doctor.check import Check, Finding, not_known, ok, warning, wrong
from poser.doctor.kernel_clock import is_synchronized
from poser.doctor.subject import Subject

SLACK = timedelta(minutes=2)
"""What two clocks may differ by without a word; tills get as much as a day."""
SILENCE = timedelta(days=180)
"""After so long without anything new the clock is doubted, too."""
_TILL_SLACK = timedelta(days=1)
_HISTORY = text("SELECT max(at) FROM history_transactions")
_TILLS = text("SELECT max(ended_at) FROM pos_transactions")


def _look(subject: Subject) -> Finding:
    now = subject.clock()
    newest = max(_known(subject), default=None)
    if newest and newest[0] > now + SLACK:
        at, what = newest
        return wrong(
            f"the clock says {_said(now)}, and {what} is of {_said(at)}: it jumped back,"
            " or was ahead then",
            hint="timedatectl; is a time server reachable, is the battery of the clock empty?",
        )
    with subject.connected("trainwreck") as connection:
        till = connection.execute(_TILLS).scalar()
    if till and till > now + _TILL_SLACK:
        return warning(
            f"the clock says {_said(now)}, and a till's sale is of {_said(till)}",
            hint="is the clock of that till right?",
        )
    if newest and newest[0] < now - SILENCE:
        at, what = newest
        return warning(
            f"the clock says {_said(now)}, and the newest thing known here, {what},"
            f" is of {_said(at)}: it may be far ahead",
            hint="timedatectl",
        )
    return _kept_right(subject, now)


def _kept_right(subject: Subject, now: datetime) -> Finding:
    known = is_synchronized()
    if known:
        return ok(f"{_said(now)}, kept right by a time server")
    if known is None or subject.at("/run/systemd/container").exists():
        return not_known(
            f"{_said(now)}; no time server keeps it right, and the clock is not this"
            " machine's own but that of the computer it runs on",
            hint="look at the clock there",
        )
    return warning(
        f"{_said(now)}, and no time server keeps it right",
        hint="timedatectl timesync-status; systemctl status systemd-timesyncd",
    )


def _known(subject: Subject) -> Iterator[tuple[datetime, str]]:
    """Yield times that this node wrote down by its own clock."""
    with subject.connected("poser") as connection:
        if at := connection.execute(_HISTORY).scalar():
            yield at, "the newest change in the history"
    for path, what in (
        (Path(sys.prefix) / ".complete", "the installation of this release"),
        (subject.at("/etc/poser/poser.conf"), "the settings file"),
    ):
        if path.exists():
            yield datetime.fromtimestamp(path.stat().st_mtime, UTC), what


def _said(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


CHECK = Check(
    name="clock",
    means="Prices, promotions and histories go by the clock.",
    mend="timedatectl shows it; machine.time_servers of the inventory names time servers.",
    look=_look,
)
