# SPDX-License-Identifier: Apache-2.0
"""The whole mail as it goes over the wire: headers, text and page."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from uuid import UUID

from poser.mail.recipients import said
from poser.mail.rendering import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who a mail is from and for; `bcc` are in no header."""

    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: Address | None = None

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every address that the mail goes to, once."""
        every = (one.addr_spec for one in (*self.to, *self.cc, *self.bcc))
        return tuple(dict.fromkeys(every))


# Seven bits go through every mail server there is.
_PLAIN = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a mail says."""

    key: str
    subject: str
    parts: Rendered


def composed(mail_id: UUID, content: Content, envelope: Envelope, at: datetime) -> bytes:
    """Write a mail. Its Message-ID is made of its id, so that each try is the same mail."""
    is_plain = all(one.isascii() for one in (envelope.sender.addr_spec, *envelope.recipients))
    message = EmailMessage(policy=_PLAIN if is_plain else SMTPUTF8)
    message["Date"] = format_datetime(at)
    message["From"] = str(envelope.sender)
    message["To"] = said(envelope.to) or "undisclosed-recipients:;"
    if envelope.cc:
        message["Cc"] = said(envelope.cc)
    if envelope.reply_to is not None:
        message["Reply-To"] = str(envelope.reply_to)
    message["Subject"] = content.subject
    message["Message-ID"] = f"<{mail_id}@{envelope.sender.domain or 'localhost'}>"
    # No holiday greeting in answer (RFC 3834), and filters can tell the types apart.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Poser-Type"] = content.key
    message.set_content(content.parts.text)
    message.add_alternative(content.parts.html, subtype="html")
    return message.as_bytes()
