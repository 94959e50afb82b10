# SPDX-License-Identifier: Apache-2.0
"""Guards of commands: each is run, all at the same time; keep them few and cheap.

Table `guard`, by the command as JSON list: `rc`, its exit code.
"""

from __future__ import annotations

import json

from poser.machine.process import Child, CommandFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from poser.machine.facts import Changes

TABLES = ("guard",)
WAITS = True


def look(asked: Mapping[str, Sequence[str]], root: str) -> Callable[[], Changes]:
    """Start every guard, return a function that waits for them."""
    del root
    started: dict[str, Child | int] = {}
    for name in asked["guard"]:
        try:
            started[name] = Child(json.loads(name))
        except CommandFailed as error:
            started[name] = error.result.rc

    def answer() -> Changes:
        codes = {
            name: child if isinstance(child, int) else child.end().rc
            for name, child in started.items()
        }
        return {("guard", name): {"rc": rc} for name, rc in codes.items()}

    return answer
