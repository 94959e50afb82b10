# SPDX-License-Identifier: Apache-2.0
"""What `poser doctor` says, asked in a process of its own and kept for a minute.

The doctor needs Alembic and much else, which a web worker would carry for ever after.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from poser.config import Config
from web.remembering import Remembered

log = logging.getLogger(__name__)

KEPT_S = 60.0
_PATIENCE_S = 25.0
_DONE = frozenset({0, 3})  # 3: something is wrong, and it says what
_ORDER = ("wrong", "warning", "not known", "ok")


class Finding(NamedTuple):
    """What one check found."""

    name: str
    state: str
    sentence: str
    details: tuple[str, ...]
    hint: str


class Look(NamedTuple):
    """All findings, the worst first, and how long ago they were made; or why there are none."""

    findings: tuple[Finding, ...]
    age_s: float
    trouble: str = ""


Ask = Callable[[], Look]


@dataclass(slots=True)
class Doctor:
    """Asks, and remembers the answer for a while."""

    ask: Ask
    _remembered: Remembered[Look] = field(default_factory=lambda: Remembered(KEPT_S))

    def look(self) -> Look:
        """Give the newest answer."""
        found, age_s = self._remembered.answer(self.ask)
        return found._replace(age_s=age_s)


def asking(config: Config) -> Ask:
    """Give what asks the doctor of the node with these settings."""
    command = [sys.executable, "-m", "poser.cli"]
    for path in config.paths:
        command += ["-c", str(path)]
    return lambda: run_doctor([*command, "doctor", "--json"])


def run_doctor(command: Sequence[str]) -> Look:
    """Run the doctor and read what it says; trouble is told, not raised."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
            text=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        if done.returncode not in _DONE:
            return _in_trouble(done.stderr.strip() or f"it ended with {done.returncode}")
        return Look(_sorted(json.loads(done.stdout)), 0.0)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        return _in_trouble(str(error))


def _in_trouble(reason: str) -> Look:
    log.warning("the doctor gave no answer", extra={"reason": reason})
    return Look((), 0.0, reason.partition("\n")[0])


def _sorted(found: list[dict[str, object]]) -> tuple[Finding, ...]:
    findings = [_finding(each) for each in found]
    return tuple(sorted(findings, key=lambda each: (_ORDER.index(each.state), each.name)))


def _finding(each: dict[str, object]) -> Finding:
    details = each.get("details")
    return Finding(
        name=str(each["name"]),
        state=str(each["state"]),
        sentence=str(each["sentence"]),
        details=tuple(str(line) for line in details) if isinstance(details, list) else (),
        hint=str(each.get("hint", "")),
    )
