# SPDX-License-Identifier: Apache-2.0
"""Whether the release that runs is the one that the settings name."""

import sys
from pathlib import Path

from poser.config.load import RELEASE
from poser.doctor.check import Check, Finding, not_known, ok, wrong
from poser.doctor.subject import Subject

CURRENT = "/opt/poser/current"


def _look(subject: Subject) -> Finding:
    named = RELEASE(subject.node.config)
    if not named:
        return not_known(
            "the settings name no release (poser.release)",
            hint="that is so on a developer's machine",
        )
    current = subject.at(CURRENT)
    if not current.is_symlink():
        return wrong(f"{CURRENT} is not there: no release is in use", hint="provision it again")
    linked = current.readlink().name
    running = Path(sys.prefix).resolve().name
    if linked != named:
        return wrong(
            f"the settings name the release {named}, and {CURRENT} leads to {linked}",
            hint="a run of bin/fab provision was cut off? Run it again",
        )
    if running != linked:
        return wrong(
            f"this command is of {running}, and the release in use is {linked}",
            hint="type poser without a path",
        )
    return ok(f"{named} is in use")


CHECK = Check(
    name="release",
    means="Programs, settings and schema belong to one release.",
    mend="bin/fab provision host=NAME",
    look=_look,
)
