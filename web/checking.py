# SPDX-License-Identifier: Apache-2.0
"""Checking passwords: a few at once and no more, since each takes 64 MiB of memory."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore

from web.language import _

_AT_ONCE = 2
_PLACES = BoundedSemaphore(_AT_ONCE)  # of this process, whichever page asks
_PATIENCE_S = 5.0
PATIENCE = timedelta(seconds=_PATIENCE_S)
"""How long somebody waits for a place, and is then asked to come again."""


@contextmanager
def place() -> Iterator[bool]:
    """Wait for a place to check a password in; gives False when none became free."""
    if not _PLACES.acquire(timeout=_PATIENCE_S):
        yield False
        return
    try:
        yield True
    finally:
        _PLACES.release()


def said(wait: timedelta) -> str:
    """Say how long to wait, in the language of the page."""
    seconds = max(math.ceil(wait.total_seconds()), 1)
    if seconds < 60:  # noqa: PLR2004 - a minute
        return _("1 second") if seconds == 1 else _("{count} seconds").format(count=seconds)
    minutes = math.ceil(seconds / 60)
    return _("1 minute") if minutes == 1 else _("{count} minutes").format(count=minutes)
