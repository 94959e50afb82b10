# SPDX-License-Identifier: Apache-2.0
"""Writing the whole of a mail from what the outbox has: who gets it, subject, parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from poser.config import Config
from poser.mail import settings
from poser.mail.found import Found
from poser.mail.message import Content, Envelope, composed
from poser.mail.per_type import Settled
from poser.mail.reaching import reached
from poser.mail.recipients import address
from poser.mail.rendering import Renderer, Repeat
from poser.mail.subjects import filled_in
from poser.mail.values import given
from poser.model.mail import Email

MOST_BODIES = 5
"""How many different mails are shown whole in one that stands for many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A mail that is ready to go; `missing` says who cannot be reached."""

    message: bytes
    subject: str
    envelope: Envelope
    missing: tuple[str, ...]


def envelope_of(
    session: Session, config: Config, settled: Settled, recipients: Sequence[str] | None
) -> tuple[Envelope, tuple[str, ...]]:
    """Find out who a mail is from and who gets it, and in words who cannot be reached.

    `recipients` are those of this mail alone, and then nobody else gets it.
    """
    only = settings.ONLY_TO(config)
    alone = only or (None if recipients is None else tuple(recipients))
    to = reached(session, settled.recipients if alone is None else alone)
    cc = reached(session, settled.cc if alone is None else ())
    bcc = reached(session, settled.bcc if alone is None else ())
    envelope = Envelope(
        sender=address(settled.sender),
        to=to.addresses,
        cc=cc.addresses,
        bcc=bcc.addresses,
        reply_to=address(settled.reply_to) if settled.reply_to else None,
    )
    return envelope, (*to.missing, *cc.missing, *bcc.missing)


def written(
    session: Session,
    config: Config,
    found: Found,
    settled: Settled,
    mails: Sequence[Email],
    *,
    now: datetime,
) -> Written:
    """Write one mail that stands for `mails`, of which the first one gives its id.

    Raises whatever a template raises that does not fit its values.
    """
    first = mails[0]
    envelope, missing = envelope_of(session, config, settled, first.recipients)
    subjects = [filled_in(settled.subject, given(one.data)) for one in mails]
    repeats = _repeats(subjects, mails) if sum(one.times for one in mails) > 1 else []
    subject = filled_in(
        "{prefix} {subject}",
        {"prefix": settings.SUBJECT_PREFIX(config), "subject": _headline(subjects, repeats)},
    )
    newest = dict(zip(subjects, mails, strict=True))
    bodies = [given(one.data) for one in list(newest.values())[-MOST_BODIES:]]
    parts = Renderer(config).render(found, subject, bodies[::-1], repeats)
    content = Content(key=first.key, subject=subject, parts=parts)
    return Written(
        message=composed(first.id, content, envelope, now),
        subject=subject,
        envelope=envelope,
        missing=missing,
    )


def _repeats(subjects: Sequence[str], mails: Sequence[Email]) -> list[Repeat]:
    pairs = sorted(zip(subjects, mails, strict=True), key=lambda pair: pair[0])
    repeats = []
    for subject, same in groupby(pairs, key=lambda pair: pair[0]):
        found = [one for _, one in same]
        times = [one.queued_at for one in found]
        repeats.append(
            Repeat(
                subject=subject,
                times=sum(one.times for one in found),
                first_at=min(times),
                last_at=max(times),
            )
        )
    return sorted(repeats, key=lambda one: (-one.times, one.first_at))


def _headline(subjects: Sequence[str], repeats: Sequence[Repeat]) -> str:
    if not repeats:
        return subjects[0]
    if len(repeats) == 1:
        return f"{subjects[0]} ({repeats[0].times:,} times)"
    return f"{repeats[0].subject}, and {len(repeats) - 1:,} other" + (
        "s" if len(repeats) > 2 else ""  # noqa: PLR2004 - one and one other
    )
