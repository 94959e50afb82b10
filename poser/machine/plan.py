# SPDX-License-Identifier: Apache-2.0
"""What has to be done so that a machine is what it should be: a pure function of what was seen."""

from __future__ import annotations

from poser.machine.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from poser.machine.facts import Facts
    from poser.machine.resource import Resource


class Step(Value):
    """One resource to mend, why, and what text would change."""

    key: str
    reason: str
    diff: str = ""


class Plan(Value):
    """Steps in the order in which they are taken, and the facts as they should be after them."""

    steps: tuple[Step, ...]
    after: Facts


def plan(resources: Iterable[Resource], facts: Facts) -> Plan:
    """Return what is wrong, each resource judged as the steps before it will have left things.

    So nothing fails for not being there yet: a service whose unit comes earlier "will start".
    """
    after = facts.copy()
    steps = []
    for resource in resources:
        drift = resource.wrong(after)
        if drift:
            steps.append(Step(key=resource.key, reason=drift.reason, diff=drift.diff))
            after.update(resource.predict(after))
    return Plan(steps=tuple(steps), after=after)
