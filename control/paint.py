# SPDX-License-Identifier: Apache-2.0
"""Colors for terminals, and nothing for files and pipes."""

import os
import sys
from enum import StrEnum
from typing import TextIO


class Ink(StrEnum):
    """The few colors in use, as the numbers of ECMA-48."""

    BOLD = "1"
    DIM = "2"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    CYAN = "36"


def is_terminal(stream: TextIO | None = None) -> bool:
    """Tell whether somebody watches `stream` (standard output) on a terminal with colors."""
    stream = sys.stdout if stream is None else stream
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def paint(text: str, ink: Ink, stream: TextIO | None = None) -> str:
    """Return `text` in a color when `stream` is a terminal and NO_COLOR is not set."""
    if not text or os.environ.get("NO_COLOR") or not is_terminal(stream):
        return text
    return f"\x1b[{ink}m{text}\x1b[0m"


def paint_diff(diff: str, stream: TextIO | None = None) -> str:
    """Return a unified diff with its lines in the usual colors."""
    inks = {"+": Ink.GREEN, "-": Ink.RED, "@": Ink.CYAN}
    return "\n".join(
        paint(line, inks[line[0]], stream) if line[:1] in inks else line
        for line in diff.splitlines()
    )
