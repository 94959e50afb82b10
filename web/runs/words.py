# SPDX-License-Identifier: Apache-2.0
"""How pages call what import runs did, and how they ended."""

from poser.importing.result import Kind, RunStatus
from web.language import _, mark

ENDED = {
    RunStatus.RUNNING: (mark("running"), ""),
    RunStatus.DONE: (mark("done"), "good"),
    RunStatus.DRY: (mark("looked only"), ""),
    RunStatus.BATCH: (mark("became a batch"), ""),
    RunStatus.STOPPED: (mark("stopped"), "warm"),
    RunStatus.FAILED: (mark("failed"), "bad"),
    RunStatus.INTERRUPTED: (mark("interrupted"), "warm"),
    RunStatus.REVERTED: (mark("taken back"), "warm"),
}
"""How a run ended, in words, and the class of its tag."""

DID = {
    Kind.CREATE: (mark("new"), "good"),
    Kind.UPDATE: (mark("changed"), ""),
    Kind.DELETE: (mark("deleted"), "bad"),
}
"""What happened to a row, in words, and the class of its tag."""


def ended(status: str) -> str:
    """Say how a run ended."""
    return _(ENDED[RunStatus(status)][0])


def took(seconds: float | None) -> str:
    """Say how long something took, such as 0.4 s or 3 min 20 s."""
    if seconds is None:
        return ""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
