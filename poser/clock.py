# SPDX-License-Identifier: Apache-2.0
"""The time of day as aware UTC, given as a function so that tests can bring their own."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Tells the time now: an aware datetime in UTC."""


def utc_now() -> datetime:
    """Tell the time now."""
    return datetime.now(UTC)
