# SPDX-License-Identifier: Apache-2.0
"""Log lines for people and for journald: a constant message, then its fields.

Programs log with `logging.getLogger(__name__)` and `extra={...}`; here is how such a
record becomes one line on standard error, where systemd keeps it.
"""

import logging
import os
import sys
from typing import TextIO

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


_SEVERITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))


class FieldsFormatter(logging.Formatter):
    """Write `LEVEL logger: message key=value ...` on one line, tracebacks below.

    For the journal the line begins with its severity, which systemd takes off and keeps.
    """

    for_journal = False

    def format(self, record: logging.LogRecord) -> str:
        """Write one record; values with blanks or quotes are shown as Python shows them."""
        severity = f"<{_severity(record.levelno)}>" if self.for_journal else ""
        line = severity + super().format(record)
        fields = fields_of(record)
        if not fields:
            return line
        head, newline, rest = line.partition("\n")
        shown = " ".join(f"{key}={_shown(value)}" for key, value in fields.items())
        return f"{head} {shown}{newline}{rest}"


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """Return what a program gave as `extra`."""
    return {k: v for k, v in vars(record).items() if k not in _STANDARD}


def _shown(value: object) -> str:
    words = str(value)
    plain = words and not any(c.isspace() or c in "\"'=" for c in words)
    return words if plain else repr(words)


def configure(level: int = logging.INFO) -> None:
    """Send log records of `level` and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = FieldsFormatter("%(levelname)s %(name)s: %(message)s")
    formatter.for_journal = _is_journal(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def _severity(level: int) -> int:
    """Give the number by which syslog knows a level."""
    return next((number for least, number in _SEVERITIES if level >= least), 7)


def _is_journal(stream: TextIO) -> bool:
    """Tell whether systemd reads what is written there, as $JOURNAL_STREAM says."""
    try:
        seen = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{seen.st_dev}:{seen.st_ino}"
