# SPDX-License-Identifier: Apache-2.0
"""What holds for one type of email: what people set for it, else what it says itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.config import Config
from poser.mail import settings
from poser.mail.recipients import address, checked
from poser.mail.subjects import check_subject
from poser.mail.types import EmailType
from poser.model.mail import EmailSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What holds for one type; recipients are still as people write them.

    `set` names what people set for it, in the words of the columns.
    """

    is_enabled: bool
    is_hidden: bool
    sender: str
    reply_to: str
    recipients: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str
    set: tuple[str, ...] = ()


FIELDS = ("is_enabled", "is_hidden", "sender", "reply_to", "recipients", "cc", "bcc", "subject")
"""What can be set for a type."""


def settled(session: Session, config: Config, type_: EmailType) -> Settled:
    """Read what holds for a type."""
    row = session.scalars(select(EmailSettings).where(EmailSettings.key == type_.key)).one_or_none()
    return from_row(config, type_, row)


def from_row(config: Config, type_: EmailType, row: EmailSettings | None) -> Settled:
    """Put what people set before what the type says, and that before what holds for all."""
    said = {} if row is None else {name: getattr(row, name) for name in FIELDS}
    chosen = {name: value for name, value in said.items() if value is not None}
    words: dict[str, tuple[str, ...]] = {
        name: tuple(chosen[name]) for name in ("recipients", "cc", "bcc") if name in chosen
    }
    return Settled(
        is_enabled=bool(chosen.get("is_enabled", True)),
        is_hidden=bool(chosen.get("is_hidden", type_.hidden)),
        sender=str(chosen.get("sender", settings.SENDER(config))),
        reply_to=str(chosen.get("reply_to", settings.REPLY_TO(config))),
        recipients=words.get("recipients", type_.to or settings.TO(config)),
        cc=words.get("cc", ()),
        bcc=words.get("bcc", ()),
        subject=str(chosen.get("subject", type_.subject)),
        set=tuple(chosen),
    )


def set_for(
    session: Session, type_: EmailType, values: Mapping[str, object], *, unset: Sequence[str] = ()
) -> None:
    """Set what holds for a type from now on, and take back what `unset` names.

    Raises BadRecipient and BadSubject for what could not be sent.
    """
    _check(type_, values)
    query = select(EmailSettings).where(EmailSettings.key == type_.key).with_for_update()
    row = session.scalars(query).one_or_none()
    if row is None:
        row = EmailSettings(key=type_.key)
        session.add(row)
    for name in unset:
        setattr(row, name, None)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    if all(getattr(row, name) is None for name in FIELDS):
        session.delete(row)
        session.flush()


def _check(type_: EmailType, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        if name in {"recipients", "cc", "bcc"} and isinstance(value, list):
            checked(value)
        elif name in {"sender", "reply_to"} and value:
            address(str(value))
        elif name == "subject":
            check_subject(str(value), type_.sample)
