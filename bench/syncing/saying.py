# SPDX-License-Identifier: Apache-2.0
"""What a bench of datasync says while it works."""

import sys
import time


def say(text: str) -> None:
    """Write a line with the time of day to standard error."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
