# SPDX-License-Identifier: Apache-2.0
"""A real SMTP server on a port of loopback, or on a Unix socket, whose answers a test chooses."""

import socket
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path

from aiosmtpd.controller import Controller, UnixSocketController
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, kw_only=True)
class Came:
    """One mail as the server got it."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class Postbox:
    """What came, and what the server answers: `to` by recipient, `to_data` to the next mails."""

    came: list[Came] = field(default_factory=list)
    to: dict[str, str] = field(default_factory=dict)
    to_data: list[str] = field(default_factory=list)
    hangs_up: bool = False
    connections: int = 0

    async def handle_EHLO(  # noqa: N802 - the names are aiosmtpd's
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, lines: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return lines

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        answer = self.to.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.hangs_up:
            assert server.transport is not None
            server.transport.abort()
            return "421 gone"
        answer = self.to_data.pop(0) if self.to_data else "250 taken"
        if answer.startswith("250"):
            message = message_from_bytes(envelope.content or b"", EmailMessage, policy=SMTPUTF8)
            assert isinstance(message, EmailMessage)
            self.came.append(
                Came(
                    sender=envelope.mail_from or "",
                    recipients=list(envelope.rcpt_tos),
                    message=message,
                )
            )
        return answer


def on_loopback(postbox: Postbox) -> Controller:
    """Make a server on some free port of 127.0.0.1; it listens between start and stop."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return Controller(postbox, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)


def on_socket(postbox: Postbox, path: Path) -> UnixSocketController:
    """Make a server on a Unix socket."""
    return UnixSocketController(postbox, unix_socket=str(path))
