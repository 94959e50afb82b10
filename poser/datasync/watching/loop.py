# SPDX-License-Identifier: Apache-2.0
"""Watching one system: look, bring in what was found, wait, and again."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from poser.clock import utc_now
from poser.datasync.watching.importing import Imported, bring_in
from poser.datasync.watching.lines import WATCH, Watch
from poser.datasync.watching.looking import Looked, look
from poser.db import transaction
from poser.errors import ConfigError, PoserError
from poser.extensions.packages import Extension
from poser.importing.asked import Asked
from poser.importing.found import found
from poser.importing.handler import ImportHandler
from poser.importing.words import asked_by_words

log = logging.getLogger(__name__)

WHOLE_EVERY = timedelta(hours=1)
"""How often all of a source is read of which else only the newest rows are."""
SETTLES_S = 2.0
"""How long a file is left alone after it was written."""
_STATE = text("SELECT is_paused, whole_at FROM datasync_watched WHERE name = :name")
_FAILED = text("""
INSERT INTO datasync_watched (name, note, failed_at) VALUES (:name, :note, now())
ON CONFLICT (name) DO UPDATE SET note = excluded.note,
    failed_at = coalesce(datasync_watched.failed_at, excluded.failed_at)
""")


@dataclass(frozen=True, slots=True)
class Watched:
    """One system that is watched: its line, its handler, what a look asks for."""

    watch: Watch
    handler: ImportHandler
    asked: Asked

    @classmethod
    def of(cls, watch: Watch, extensions: Sequence[Extension]) -> "Watched":
        """Find the handler of a line; raises ConfigError for words that are none."""
        key, *words = watch.words
        handlers = found(extensions)
        if key not in handlers:
            raise ConfigError(
                f"{WATCH.name}: {watch.name}: there is no import handler {key!r}",
                hint=f"there is: {', '.join(handlers)}",
            )
        asked = asked_by_words(handlers[key], words, schedule="")
        if asked.dry_run:
            raise ConfigError(
                f"{WATCH.name}: {watch.name}: a dry run writes nothing", hint="leave --dry-run out"
            )
        line = f"watching {watch.name}: import {' '.join(watch.words)}"
        return cls(watch, handlers[key].load()(), replace(asked, command=line))


@dataclass(slots=True)
class Turns:
    """Takes one system's turns; `turn` is called again and again."""

    watched: Watched
    engines: Mapping[str, Engine]
    beat: Callable[[], None] = lambda: None
    _next_look: datetime | None = field(default=None)

    @property
    def name(self) -> str:
        """What the settings call the system."""
        return self.watched.watch.name

    def turn(self) -> Imported:
        """Look if it is time, then bring in what is due.

        Raises PoserError when the source or the database does not do; it is tried again.
        """
        with transaction(self.engines["poser"], read_only=True) as session:
            is_paused, whole_at = session.execute(_STATE, {"name": self.name}).first() or (
                False,
                None,
            )
        if is_paused:
            return Imported()
        now = utc_now()
        is_time = self._next_look is None or now >= self._next_look
        if is_time and not _is_being_written(self.watched.asked.where):
            self._next_look = now + self.watched.watch.every
            self.look(whole=whole_at is None or now - whole_at >= WHOLE_EVERY)
        return self.bring_in()

    def look(self, *, whole: bool) -> Looked:
        """Look now; what cannot be read is written down, and raised."""
        watch = self.watched.watch
        self.beat()
        try:
            with transaction(self.engines["poser"]) as session:
                looked = look(
                    session,
                    watch.name,
                    self.watched.handler,
                    self.watched.asked,
                    by=watch.by,
                    whole=whole or not watch.by,
                    beat=self.beat,
                )
        except PoserError as error:
            with transaction(self.engines["poser"]) as session:
                session.execute(_FAILED, {"name": watch.name, "note": str(error)})
            raise
        self.beat()
        if looked.changed or looked.gone:
            log.info(
                "changes found",
                extra={"watched": watch.name, "changed": looked.changed, "gone": looked.gone},
            )
        return looked

    def bring_in(self) -> Imported:
        """Bring in all that is due, a batch after the other."""
        total = Imported()
        while True:
            self.beat()
            some = bring_in(
                self.name,
                self.watched.handler,
                self.watched.asked,
                self.engines,
                lambda _: self.beat(),
            )
            total.done += some.done
            total.refused += some.refused
            total.given_up += some.given_up
            if some.given_up:
                # What is logged as an error is mailed, too (poser.mail.logged).
                log.error(
                    "records cannot be imported and wait for a person: see poser datasync watched",
                    extra={
                        "watched": self.name,
                        "records": ", ".join(some.given_up[:5]),
                        "n": len(some.given_up),
                    },
                )
            if not some.any:
                return total


def _is_being_written(where: str) -> bool:
    """Tell whether a file was written just now: half of it would look like all of it."""
    try:
        return time.time() - Path(where).stat().st_mtime < SETTLES_S
    except (OSError, ValueError):
        return False  # whatever it is, the look says what is wrong with it
