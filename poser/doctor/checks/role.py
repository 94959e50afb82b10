# SPDX-License-Identifier: Apache-2.0
"""Whether the machine is what it was last told to be, held to it by the kit."""

from poser.doctor.check import Check, Finding, ok, wrong
from poser.doctor.subject import Subject

_AGAIN = "bin/fab provision host=NAME --check --diff, there where the inventory is"


def _look(subject: Subject) -> Finding:
    seen = subject.seen()
    role, drift = seen["role"], seen["drift"]
    if drift:
        found = [f"{one['key']}: {one['reason']}" for one in drift]
        return wrong(f"is not as its role says: {found[0]}", details=found[1:], hint=_AGAIN)
    if not seen["is_finished"]:
        return wrong(
            "its last provisioning did not come to its end", hint="bin/fab provision host=NAME"
        )
    return ok(f"is a {role} as provisioned at {seen['last_converge']}: {seen['resources']} things")


CHECK = Check(
    name="role",
    means="Files, users, services and databases are what this machine was last provisioned with.",
    mend="bin/fab provision host=NAME brings it back; nothing is changed by looking.",
    look=_look,
)
