# SPDX-License-Identifier: Apache-2.0
"""What root can see of a machine, looked at from the machine itself: for `poser doctor`.

Writes one JSON object to standard output and changes nothing: how the machine differs from
what it was last told to be, how its services are, which units failed.
"""

from __future__ import annotations

import json
import os
import sys

from poser.errors import PoserError
from poser.machine import state, wanted
from poser.machine.look import answers, look
from poser.machine.plan import plan
from poser.machine.process import PATH, Child

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Seen = dict[str, Any]

_FAILED = ("systemctl", "list-units", "--failed", "--plain", "--no-legend", "--full", "--all")


def main() -> int:
    """Write what is seen; an error is written, too, as `error` and `hint`."""
    os.chdir("/")
    os.environ["PATH"] = PATH
    try:
        found = seen()
    except PoserError as error:
        found = {"error": error.message, "hint": error.hint}
    except Exception as error:  # noqa: BLE001 - the outermost edge: a bug must be told, too
        found = {"error": f"the kit has a bug: {type(error).__name__}: {error}", "hint": ""}
    json.dump(found, sys.stdout)
    return 0


def seen(root: str = "") -> Seen:
    """Look at everything once. PoserError when a program that must answer does not."""
    known, kept = state.read(root), wanted.read(root)
    units = [str(unit) for unit in known.get("services", ())]
    facts = answers([("unit", unit) for unit in units], root) if units else None
    return {
        "role": kept.get("role", ""),
        "release": kept.get("release", ""),
        "last_converge": known.get("last_converge", ""),
        "is_finished": kept.get("values_sha256") == known.get("values_sha256"),
        "drift": _drift(kept, root) if kept else None,
        "resources": len(kept.get("resources", ())),
        "services": {unit: facts.get("unit", unit) for unit in units} if facts else {},
        "failed": failed_units(Child(_FAILED).end().out),
    }


def failed_units(said: str) -> list[str]:
    """Read the names of units from what systemctl lists."""
    lines = (line.lstrip("●* ") for line in said.splitlines())
    return [line.split()[0] for line in lines if line]


def _drift(kept: Seen, root: str) -> list[dict[str, str]]:
    resources = wanted.resources_of(kept, root)
    steps = plan(resources, look(resources, root)).steps
    return [{"key": step.key, "reason": step.reason} for step in steps]
