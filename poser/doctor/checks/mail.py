# SPDX-License-Identifier: Apache-2.0
"""Whether mail leaves the machine."""

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from poser.config import Setting
from poser.doctor.check import Check, Finding, not_known, ok, warning
from poser.doctor.subject import Subject

HOURS = Setting(
    "doctor.mail_hours",
    int,
    default=4,
    low=1,
    high=240,
    doc="Hours after which a mail that still waits to be sent makes poser doctor warn.",
    file_only=True,  # a database that does not answer must not be in the way
)
_TIMEOUT_S = 20
_STATUS = Path("/proc/self/status")


def _look(subject: Subject) -> Finding:
    program = shutil.which("postqueue", path="/usr/sbin:/usr/bin")
    if program is None:
        return not_known("there is no Postfix on this machine", hint="its role may have none")
    if _gains_nothing():
        # It would only fail, and write that into the journal each time somebody looks.
        return not_known("a service cannot see the queue of Postfix", hint="sudo poser doctor mail")
    done = subprocess.run(
        (program, "-j"), capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
    )
    if done.returncode:
        return not_known(f"postqueue says: {' '.join(done.stderr.split())}")
    return judged(done.stdout, subject.clock(), timedelta(hours=HOURS(subject.node.config)))


def _gains_nothing() -> bool:
    """Tell whether programs started here get no rights of their files, as postqueue needs."""
    return "NoNewPrivs:\t1\n" in _STATUS.read_text()


def judged(queue: str, now: datetime, patience: timedelta) -> Finding:
    """Judge what `postqueue -j` writes: one JSON object a line."""
    mails = [json.loads(line) for line in queue.splitlines() if line.strip()]
    old = []
    for mail in mails:
        came = datetime.fromtimestamp(mail["arrival_time"], UTC)
        if now - came > patience:
            old.append((came, _why(mail)))
    if not old:
        return ok(f"{len(mails)} mails wait to be sent" if mails else "no mail waits to be sent")
    came, why = min(old)
    return warning(
        f"{len(old)} mails wait, the oldest since {came:%Y-%m-%d %H:%M} UTC: {why}",
        hint="mailq; machine.mail_relay of the inventory names a relay; postqueue -f tries again",
    )


def _why(mail: dict[str, list[dict[str, str]]]) -> str:
    reasons = (one.get("delay_reason", "") for one in mail.get("recipients", []))
    return next(filter(None, reasons), "nobody says why")


CHECK = Check(
    name="mail",
    means="Alarms and reports that do not leave the machine are read by nobody.",
    mend="mailq says why; machine.mail_relay of the inventory names a relay.",
    look=_look,
)
