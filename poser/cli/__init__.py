# SPDX-License-Identifier: Apache-2.0
"""The command `poser`: what people and timers on a node type.

A module in `commands/` is one word behind `poser`; it is found by its file name. Such a
module imports what is slow inside its functions, so that `poser --help` answers at once.
"""

import logging
import sys

from poser.logs import configure


def main() -> None:
    """Run the command that the arguments name and exit with its code."""
    from poser.cli.app import run  # noqa: PLC0415 - the package itself stays light

    arguments = sys.argv[1:]
    configure(logging.DEBUG if "--debug" in arguments else logging.WARNING)
    sys.exit(run(arguments))
