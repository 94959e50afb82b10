# SPDX-License-Identifier: Apache-2.0
"""Links in mails: a random token each, its hash in a row, good for one use within two days."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, contains_eager

from poser.auth.sessions import TOLERANCE, hash_token, new_token
from poser.mail import queue
from poser.model import PortalAccount, PortalToken, PortalTokenKind
from poser.portal import emails

LIFE = timedelta(hours=48)
"""How long a link holds."""


def send_link(
    session: Session,
    account: PortalAccount,
    kind: PortalTokenKind,
    *,
    now: datetime,
    language: str,
    to: str = "",
) -> None:
    """Mail a link of a kind to an account's address, or to another; older ones hold no more."""
    address = to or account.address
    session.execute(
        delete(PortalToken).where(PortalToken.account_id == account.id, PortalToken.kind == kind)
    )
    token = new_token()
    session.add(
        PortalToken(
            token_sha256=hash_token(token),
            account_id=account.id,
            kind=kind.value,
            address=address,
            created_at=now,
            expires_at=now + LIFE,
        )
    )
    session.flush()
    send(session, emails.BY_KIND[kind], address, language=language, token=token)


def send(
    session: Session, type_: emails.EmailType, address: str, *, language: str, **more: str
) -> None:
    """Queue a mail to one customer in a language that it is written in, else in English."""
    language = language if language in emails.SUBJECTS else emails.FIRST_LANGUAGE
    subject = emails.SUBJECTS[language][type_.key]
    queue(session, type_, data={"subject": subject, "language": language, **more}, to=[address])


def find_link(
    session: Session, token: str, *, now: datetime, lock: bool = False
) -> PortalToken | None:
    """Find the link that a token stands for, while it holds; the account may not be locked.

    One that was made while the clock was ahead counts for nothing. With `lock` nobody else
    uses it until the transaction ends.
    """
    wanted = (
        select(PortalToken)
        .join(PortalToken.account)
        .options(contains_eager(PortalToken.account))
        .where(
            PortalToken.token_sha256 == hash_token(token),
            PortalToken.expires_at > now,
            PortalToken.created_at <= now + TOLERANCE,
            PortalAccount.is_locked.is_(False),
        )
    )
    return session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()


def use_up(session: Session, account: PortalAccount) -> None:
    """Let no link of an account hold any more."""
    session.execute(delete(PortalToken).where(PortalToken.account_id == account.id))
