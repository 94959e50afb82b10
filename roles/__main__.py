# SPDX-License-Identifier: Apache-2.0
"""Says what roles there are: `python3 -m roles topology` as JSON, `inventory` as TOML."""

import json
import sys

from roles.topology import inventory, topology

USAGE = "usage: python3 -m roles topology|inventory\n"


def main(arguments: list[str]) -> int:
    """Print what was asked for; 2 for anything unknown."""
    if arguments == ["topology"]:
        sys.stdout.write(json.dumps({"machines": topology()}, indent=2) + "\n")
        return 0
    if arguments == ["inventory"]:
        sys.stdout.write(inventory(topology()))
        return 0
    sys.stderr.write(USAGE)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
