# SPDX-License-Identifier: Apache-2.0
"""Every error that Poser raises on purpose, each with a hint at the next thing to do.

Standard library only: this module travels to machines with the resource kit.
The command line prints `error: MESSAGE` and `hint: HINT` and exits 1; a traceback is
shown only with `--debug`.
"""


class PoserError(Exception):
    """Something went wrong that a person can act on.

    `message` says what and where in one sentence; `hint` says what to do next and may
    be empty.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class ConfigError(PoserError, ValueError):
    """A settings file, an inventory or an environment variable says something wrong."""


class NotConverged(PoserError):  # noqa: N818 - the word of architecture.md for this state
    """A machine still differs from its role after everything was mended once."""


class ImportFailed(PoserError):  # noqa: N818 - says what happened, as the sentence would
    """An import run stopped; the message says what of it was kept."""


class BatchFrozen(PoserError):  # noqa: N818 - says what it is, as the sentence would
    """A batch is in a status in which this cannot be done to it."""


class StaleRecord(PoserError):  # noqa: N818 - says what it is, as the sentence would
    """Somebody else changed a record since it was shown; theirs is kept."""


class Unavailable(PoserError, OSError):  # noqa: N818 - trying again later makes sense
    """Something outside this process does not answer now; a later try may succeed."""


class WireError(PoserError, ValueError):
    """A peer sent something that is not the agreed protocol, or stopped in the middle."""
