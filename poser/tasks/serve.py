# SPDX-License-Identifier: Apache-2.0
"""Run the service that does long work: `python -m poser.tasks.serve [--config FILE]`.

It takes tasks from the queue as soon as they are committed and starts a process for each. It
goes on when the web app is started anew; when it is stopped itself, its tasks stop at their
next safe point.
"""

import logging
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from poser.config import Config
from poser.db import transaction
from poser.db.bell import Bell
from poser.errors import Unavailable
from poser.model.tasks import TaskStatus
from poser.notifier import Notifier
from poser.starting import run_service
from poser.tasks.asking import WAITING
from poser.tasks.queue import DIED, TRY_AGAIN, claim, end, left_behind
from poser.tasks.settings import AT_ONCE
from poser.waiting import on_stop, waiting

log = logging.getLogger(__name__)

LOOKS_EVERY_S = 30.0
_LOOKS_AT_CHILDREN_EVERY_S = 0.2
_PAUSE_S = 2.0
_STOP_S = 15.0
_BREATH_S = 5.0
_SIGN_EVERY_S = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; returns the exit code, 1 when it cannot start."""
    words = sys.argv[1:] if arguments is None else arguments
    return run_service("poser.tasks.serve", __doc__, lambda config: _serve(config, words), words)


def _serve(config: Config, words: Sequence[str]) -> int:
    with waiting(config, "poser-tasks", WAITING) as (pool, bell):
        Service(pool=pool, config=config, words=words, bell=bell, notifier=Notifier()).run()
    return 0


@dataclass(slots=True, kw_only=True)
class Service:
    """The loop: take what waits, look after the processes that do it."""

    pool: Engine
    config: Config
    words: Sequence[str]
    bell: Bell
    notifier: Notifier
    _children: dict[UUID, subprocess.Popen[bytes]] = field(default_factory=dict)
    _stopping: bool = False
    _looked_at: float | None = None
    _said_at: float = 0.0

    def run(self) -> None:
        """Work until a signal says to stop, then stop the tasks at their next safe point."""
        on_stop(self.bell, self._stop)
        self.notifier.say("READY=1", "STATUS=Waiting for tasks")
        log.info("tasks are done from now on")
        while not self._stopping:
            self._give_sign_of_life()
            self.bell.wait(self._step())
        self.notifier.say("STOPPING=1")
        self._stop_children()

    def _give_sign_of_life(self) -> None:
        now = time.monotonic()
        if now - self._said_at >= _SIGN_EVERY_S:
            self._said_at = now
            self.notifier.say("WATCHDOG=1")

    def _step(self) -> float:
        """Do what is to be done now; returns for how many seconds there is nothing more."""
        try:
            self._bury()
            self.bell.listen()
            self._look_for_left_behind()
            while len(self._children) < AT_ONCE(self.config) and self._begin_next():
                pass
        except (Unavailable, DBAPIError) as error:
            log.warning("no task can be taken now", extra={"reason": " ".join(str(error).split())})
            return _PAUSE_S
        return _LOOKS_AT_CHILDREN_EVERY_S if self._children else _BREATH_S

    def _look_for_left_behind(self) -> None:
        now = time.monotonic()
        if self._looked_at is not None and now - self._looked_at < LOOKS_EVERY_S:
            return
        with transaction(self.pool) as session:
            if count := left_behind(session, set(self._children)):
                log.warning("tasks were left behind", extra={"tasks": count})
        self._looked_at = now

    def _begin_next(self) -> bool:
        with transaction(self.pool) as session:
            id_ = claim(session)
        if id_ is None:
            return False
        # The settings files that this process was told to read.
        command = (sys.executable, "-m", "poser.tasks.child", *self.words, str(id_))
        self._children[id_] = subprocess.Popen(command)
        log.info("task begun", extra={"task": str(id_)})
        return True

    def _bury(self) -> None:
        """Look which processes have ended; one that said nothing about its task has died."""
        for id_, child in list(self._children.items()):
            if child.poll() is None:
                continue
            with transaction(self.pool) as session:
                end(session, id_, TaskStatus.FAILED, message=DIED, hint=TRY_AGAIN)
            del self._children[id_]
            log.info("task ended", extra={"task": str(id_), "exit_code": child.returncode})

    def _stop_children(self) -> None:
        for child in self._children.values():
            child.terminate()
        give_up = time.monotonic() + _STOP_S
        for child in self._children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(give_up - time.monotonic(), 0.1))
        for child in self._children.values():
            child.kill()
        with suppress(Unavailable, DBAPIError):  # the next start finds what was left behind
            self._bury()

    def _stop(self) -> None:
        self._stopping = True


if __name__ == "__main__":
    sys.exit(main())
