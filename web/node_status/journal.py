# SPDX-License-Identifier: Apache-2.0
"""Errors in the journal of the last day: what is alike as one, with how often and when last.

Programs of ours write the severity of each line where systemd reads it, so asking for errors
finds them. The web app may read the journal as a member of the group systemd-journal.
"""

import json
import logging
import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from web.remembering import Remembered

log = logging.getLogger(__name__)

KEPT_S = 60.0
MOST_LINES = 5_000
MOST_SHOWN = 20
_PATIENCE_S = 10.0
_LONGEST = 300
_COMMAND = (
    "journalctl", "--quiet", "--no-pager", "--since=-24h", "--priority=err", "--reverse",
    f"--lines={MOST_LINES}", "--output=json",
    "--output-fields=MESSAGE,_SYSTEMD_UNIT,SYSLOG_IDENTIFIER",
)  # fmt: skip
_CHANGING = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27}|\d+", re.IGNORECASE)
_OF_RECORD = re.compile(r"\b(reference|at|pid)=\S+")


class Trouble(NamedTuple):
    """Errors that are alike: of which unit, the newest in full, how many, when the last was."""

    unit: str
    said: str
    times: int
    last_at: datetime


class Journal(NamedTuple):
    """What the journal has; or why nobody knows."""

    troubles: tuple[Trouble, ...]
    trouble: str = ""


Ask = Callable[[], str]


@dataclass(slots=True)
class Reader:
    """Reads the journal, and remembers for a minute what there was."""

    ask: Ask = field(default_factory=lambda: read)
    _remembered: Remembered[Journal] = field(default_factory=lambda: Remembered(KEPT_S))

    def journal(self) -> Journal:
        """Give the newest answer."""
        return self._remembered.answer(lambda: _look(self.ask))[0]


def read() -> str:
    """Run journalctl. Raises OSError and SubprocessError, also where it may not read."""
    done = subprocess.run(
        _COMMAND, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
    )
    # Without a match it ends with 1, too, and says nothing.
    if done.stderr.strip():
        raise subprocess.SubprocessError(done.stderr.strip().partition("\n")[0])
    return done.stdout


def _look(ask: Ask) -> Journal:
    try:
        return Journal(grouped(ask().splitlines()))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        log.warning("the journal cannot be read", extra={"reason": str(error)})
        return Journal((), str(error))


def grouped(lines: Iterable[str]) -> tuple[Trouble, ...]:
    """Put together what differs in numbers and ids only; lines are the newest first."""
    found: dict[tuple[str, str], Trouble] = {}
    for line in lines:
        entry = json.loads(line)
        unit = entry.get("_SYSTEMD_UNIT") or entry.get("SYSLOG_IDENTIFIER") or "kernel"
        said = _text(entry.get("MESSAGE"))
        key = (unit, _CHANGING.sub("#", _OF_RECORD.sub("", said)))
        known = found.get(key)
        if known is None:
            at = datetime.fromtimestamp(int(entry["__REALTIME_TIMESTAMP"]) / 1e6, UTC)
            found[key] = Trouble(unit, said[:_LONGEST], 1, at)
        else:
            found[key] = known._replace(times=known.times + 1)
    return tuple(found.values())


def _text(message: object) -> str:
    """Read a message; one that is no text is written as a list of bytes."""
    if isinstance(message, list):
        return bytes(message).decode("utf-8", "replace")
    return str(message or "")
