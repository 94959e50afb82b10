# SPDX-License-Identifier: Apache-2.0
"""Root's side of control.lab.elevated: reads one action on standard input and carries it out."""

import json
import sys

from control.lab.elevated import carry_out
from control.lab.values import LabSpec
from poser.errors import PoserError


def main() -> int:
    """Carry out the action; answers with one JSON object a line."""
    given = json.load(sys.stdin)
    _tell({"begun": given["action"]})
    try:
        machines = carry_out(
            LabSpec.from_json(given["spec"]), _say, given["action"], given["arguments"]
        )
    except PoserError as error:
        _tell({"error": error.message, "hint": error.hint})
        return 1
    _tell({"machines": machines})
    return 0


def _say(machine: str, sentence: str) -> None:
    _tell({"say": [machine, sentence]})


def _tell(event: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
