# SPDX-License-Identifier: Apache-2.0
"""Has root carry out an action: here when this process is root's, else through sudo.

The person's files stay theirs: only this one call runs as root, with the action and its values
on standard input, and answers with one JSON object a line.
"""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from control.lab.programs import PYTHON
from control.lab.values import LabMachine, LabSpec, Say
from control.paths import CHECKOUT
from poser.errors import PoserError, Unavailable

ACTIONS = (
    *("up", "down", "power_off", "set_line", "reset", "remove"),
    *("snapshot", "clone", "delete_snapshot"),
)


def as_root(spec: LabSpec, say: Say, action: str, arguments: Mapping[str, object]) -> list[Any]:
    """Carry out one of ACTIONS; returns the machines it answers with, as plain values."""
    if os.geteuid() == 0:
        return carry_out(spec, say, action, arguments)
    if shutil.which("sudo") is None:
        raise PoserError(
            "machines of the lab can only be run by root, and this computer has no sudo",
            hint="run bin/fab as root",
        )
    return _through_sudo(spec, say, action, arguments)


def carry_out(spec: LabSpec, say: Say, action: str, arguments: Mapping[str, object]) -> list[Any]:
    """Carry out an action in this process."""
    if action not in ACTIONS:
        raise ValueError(action)
    # Loaded by who acts only: who asks for the state pays for little.
    from control.lab.actions import Actions  # noqa: PLC0415

    try:
        answer = getattr(Actions(spec=spec, say=say), action)(**arguments)
    except PoserError:
        raise
    except OSError as error:
        raise Unavailable(
            f"the lab {spec.id} could not be changed: {error}",
            hint="look at the disk and the mounts of this computer (df, findmnt), then run again: "
            "it mends what was left",
        ) from error
    return [machine.to_json() for machine in answer or () if isinstance(machine, LabMachine)]


def _through_sudo(
    spec: LabSpec, say: Say, action: str, arguments: Mapping[str, object]
) -> list[Any]:
    given = json.dumps({"spec": spec.to_json(), "action": action, "arguments": dict(arguments)})
    command = ["sudo", "--", *PYTHON, "-m", "control.lab"]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        if child.stdin is None or child.stdout is None:  # both were asked for
            raise RuntimeError(command)
        # A sudo that refuses does not read.
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(given)
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
        has_begun = False
        for line in child.stdout:
            event = json.loads(line)
            has_begun = True
            if "say" in event:
                say(*event["say"])
            elif "error" in event:
                raise PoserError(event["error"], hint=event["hint"])
            elif "machines" in event:
                return list(event["machines"])
    if has_begun:
        raise PoserError(
            f"the process that ran the lab's action {action!r} as root ended in the middle of it",
            hint="run again: it mends what was left",
        )
    raise PoserError(
        "sudo did not let you run the lab's machines as root",
        hint="run `sudo -v` and try again, or run bin/fab as root",
    )
