# SPDX-License-Identifier: Apache-2.0
"""Whether anything failed that systemd looks after."""

from poser.doctor.check import Check, Finding, ok, wrong
from poser.doctor.subject import Subject


def _look(subject: Subject) -> Finding:
    failed = subject.seen()["failed"]
    if failed:
        rest = [f"{unit} failed" for unit in failed[1:]]
        return wrong(
            f"{failed[0]} failed",
            details=rest,
            hint=f"systemctl status {failed[0]}; when that is mended: systemctl reset-failed",
        )
    return ok("no unit of systemd failed")


CHECK = Check(
    name="systemd",
    means="Jobs that ended badly: backups, updates, timers, also those that are not ours.",
    mend="systemctl status UNIT; journalctl -u UNIT",
    look=_look,
)
