# SPDX-License-Identifier: Apache-2.0
"""The work of the service poser-mail: send what is due, and sweep out what is old."""

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from poser.clock import Clock, utc_now
from poser.config import Config
from poser.db import transaction
from poser.errors import Unavailable
from poser.mail import settings
from poser.mail.claiming import Claimed, Passed, claim, release
from poser.mail.found import Found
from poser.mail.reporting import report
from poser.mail.sending import Fate, MailServer
from poser.model.mail import Email, EmailAttempt, OutboxStatus

log = logging.getLogger(__name__)

_SWEPT_AT_ONCE = 1_000


@dataclass(slots=True, kw_only=True)
class Worker:
    """Sends the mail of one node; `alive` is called at every step, `stops` asked between mails."""

    engine: Engine
    config: Config
    types: Mapping[str, Found]
    clock: Clock = utc_now
    alive: Callable[[], object] = lambda: None
    stops: Callable[[], bool] = lambda: False
    _server: MailServer | None = field(default=None, init=False)

    def send_due(self) -> int:
        """Send everything that is due and return how many mails were tried.

        Raises Unavailable when the mail server or the database does not answer; nothing is
        lost, and what was taken is given back.
        """
        tried = 0
        with ExitStack() as opened:
            while not self.stops():
                self.alive()
                with transaction(self.engine) as session:
                    taken = claim(session, self.config, self.types, self.clock())
                if taken is None:
                    break
                if not isinstance(taken, Passed):
                    self._send(opened, taken)
                    tried += 1
        return tried

    def next_due(self) -> datetime | None:
        """Say when the next mail is due."""
        with transaction(self.engine, read_only=True) as session:
            waiting = select(func.min(Email.due_at)).where(Email.status == OutboxStatus.WAITING)
            return session.scalar(waiting)

    def sweep(self) -> int:
        """Delete what ended longer ago than mail is kept; returns how many mails."""
        before = self.clock() - timedelta(days=settings.KEEP_DAYS(self.config))
        swept = 0
        while not self.stops():
            self.alive()
            with transaction(self.engine) as session:
                count = _sweep(session, before)
            swept += count
            if count < _SWEPT_AT_ONCE:
                break
        return swept

    def _send(self, opened: ExitStack, mail: Claimed) -> None:
        try:
            server = self._connected(opened)
        except Unavailable as error:
            with transaction(self.engine) as session:
                release(session, mail, error.message, self.clock())
            raise
        try:
            fate = server.send(mail.sender, mail.recipients, mail.message)
        except Unavailable as error:
            # It may be this mail that the server cannot bear: the next ones go first.
            fate = Fate(not_now=dict.fromkeys(mail.recipients, error.message))
            opened.close()
            self._server = None
        with transaction(self.engine) as session:
            report(
                session,
                mail.id,
                fate,
                now=self.clock(),
                give_up_after=settings.GIVE_UP_AFTER(self.config),
            )

    def _connected(self, opened: ExitStack) -> MailServer:
        if self._server is None:
            address = settings.SERVER(self.config)
            self._server = opened.enter_context(MailServer(address, self.alive))
            opened.callback(setattr, self, "_server", None)
        return self._server


def _sweep(session: Session, before: datetime) -> int:
    """Delete some; what went with a mail goes with it."""
    old = (
        select(Email.id)
        .where(Email.finished_at < before, Email.sent_with_id.is_(None))
        .limit(_SWEPT_AT_ONCE)
    )
    ids = session.scalars(old).all()
    session.execute(delete(Email).where(Email.id.in_(ids)))
    session.execute(
        delete(EmailAttempt).where(EmailAttempt.email_id.is_(None), EmailAttempt.at < before)
    )
    return len(ids)
