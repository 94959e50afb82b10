# SPDX-License-Identifier: Apache-2.0
"""Whether history and change capture are on for every table that can have them."""

from sqlalchemy.orm import Session

from poser.doctor.check import Check, Finding, ok, warning
from poser.doctor.subject import Subject
from poser.history.switching import recordings


def _look(subject: Subject) -> Finding:
    with subject.connected("poser") as connection, Session(connection) as session:
        found = recordings(session)
    off = [f"{one.table}: history is off" for one in found if one.history is False]
    off += [f"{one.table}: capture is off" for one in found if one.capture is False]
    if off:
        return warning(
            f"recording is switched off for {len(off)} of what tables can have",
            details=off,
            hint="sudo poser history on TABLE; sudo poser history catch-up",
        )
    return ok(f"{len(found)} tables are recorded")


CHECK = Check(
    name="history",
    means="Changes of a table that is switched off are not kept, or not sent to other nodes.",
    mend="sudo poser history on TABLE, then sudo poser history catch-up.",
    look=_look,
)
