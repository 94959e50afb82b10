# SPDX-License-Identifier: Apache-2.0
"""Whether the services that the role declares are up."""

from poser.doctor.check import Check, Finding, not_known, ok, wrong
from poser.doctor.subject import Subject

_UP = ("active", "reloading", "refreshing")


def _look(subject: Subject) -> Finding:
    services = subject.seen()["services"]
    if not services:
        return not_known(
            "this machine was never brought to its role to the end",
            hint="bin/fab provision host=NAME",
        )
    down = [
        f"{unit} is {fact['active']} ({fact['sub']})" if fact else f"{unit} is not there"
        for unit, fact in services.items()
        if not fact or fact["active"] not in _UP
    ]
    if down:
        unit = down[0].split()[0]
        return wrong(
            down[0], details=down[1:], hint=f"journalctl -u {unit}; systemctl start {unit}"
        )
    return ok(f"{len(services)} services are up")


CHECK = Check(
    name="services",
    means="These are the services that the role of this machine declares.",
    mend="journalctl -u UNIT says why; bin/fab provision host=NAME starts what should run.",
    look=_look,
)
