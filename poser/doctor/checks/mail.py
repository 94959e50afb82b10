# SPDX-License-Identifier: Apache-2.0
"""Whether mail leaves the machine."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

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
_QUEUE = "/var/spool/postfix/public"
"""Where Postfix answers who may ask: root and the group postdrop."""


def _look(subject: Subject) -> Finding:
    program = shutil.which("postqueue", path="/usr/sbin:/usr/bin")
    if program is None:
        return not_known("there is no Postfix on this machine", hint="its role may have none")
    # It would only fail, and write that into the journal each time somebody looks.
    if not os.access(_QUEUE, os.X_OK):
        return not_known("only root sees the queue of Postfix", hint="run it as root: sudo mailq")
    done = subprocess.run(
        (program, "-j"), capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
    )
    if done.returncode:
        return not_known(f"postqueue says: {' '.join(done.stderr.split())}")
    return judged(done.stdout, subject.clock(), timedelta(hours=HOURS(subject.node.config)))


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
