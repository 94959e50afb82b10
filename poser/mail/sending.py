# SPDX-License-Identifier: Apache-2.0
"""Handing mail to the mail server: SMTP over TCP, or over a Unix socket of this machine."""

import smtplib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from poser.errors import ConfigError, Unavailable
from poser.mail.values import storable

TIMEOUT_S = 30
_OK = 250
_FOR_GOOD = 500


@dataclass(slots=True, kw_only=True)
class Fate:
    """What the mail server said for each address: taken, not now, or never."""

    taken: dict[str, str] = field(default_factory=dict)
    not_now: dict[str, str] = field(default_factory=dict)
    never: dict[str, str] = field(default_factory=dict)

    def refuse(self, address: str, code: int, words: str) -> None:
        """Note a refusal by its code: 5xx is for good (RFC 5321, 4.2.1)."""
        (self.never if code >= _FOR_GOOD else self.not_now)[address] = f"{code} {words}".strip()


class _OverSocket(smtplib.SMTP):
    """SMTP over a Unix socket, for a service that is shut off from every network."""

    def connect(
        self,
        host: str = "",
        port: int = 0,  # noqa: ARG002 - the signature of what it replaces
        source_address: Any = None,  # noqa: ANN401, ARG002 - as smtplib has it
    ) -> tuple[int, bytes]:
        """Connect to the socket whose path is `host`, and read the greeting."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.file = None
        self.sock.settimeout(TIMEOUT_S)
        self.sock.connect(host)
        return self.getreply()


def check_server(address: str) -> None:
    """Raise ConfigError for an address of a mail server that is none."""
    _read(address)


class MailServer:
    """A connection to the mail server, opened when it is entered.

    `alive` is called between the steps of a mail, which may take TIMEOUT_S each. Entering
    raises Unavailable when nobody answers.
    """

    def __init__(self, address: str, alive: Callable[[], object] = lambda: None) -> None:
        self._address = address
        self._alive = alive
        self._path, self._host, self._port = _read(address)

    def __enter__(self) -> Self:
        """Connect and greet."""
        try:
            self._smtp = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            words = " ".join(str(error).split()) or type(error).__name__
            raise Unavailable(
                f"the mail server {self._address} does not answer: {words}",
                hint="is it running, and is mail.server right?",
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Say goodbye, whether or not the server still listens."""
        try:
            self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            self._smtp.close()

    def send(self, sender: str, recipients: Sequence[str], message: bytes) -> Fate:
        """Hand one mail over and return what became of it, address by address.

        Raises Unavailable when the connection ends before all is said: then nobody knows
        more than that it was not acknowledged.
        """
        try:
            return self._send(sender, recipients, message)
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            words = " ".join(str(error).split()) or type(error).__name__
            raise Unavailable(f"the mail server left in the middle: {words}") from error

    def _connected(self) -> smtplib.SMTP:
        # The name for the greeting is not looked up: a name server may be slow to say no.
        if self._path is not None:
            smtp: smtplib.SMTP = _OverSocket(
                str(self._path), 0, local_hostname="localhost", timeout=TIMEOUT_S
            )
        else:
            smtp = smtplib.SMTP(
                self._host, self._port, local_hostname="localhost", timeout=TIMEOUT_S
            )
        smtp.ehlo_or_helo_if_needed()
        return smtp

    def _send(self, sender: str, recipients: Sequence[str], message: bytes) -> Fate:
        fate = Fate()
        options = self._options(sender, recipients, fate)
        if fate.never:
            return fate
        code, words = self._said(self._smtp.mail(sender, options))
        if code != _OK:
            return self._refused(recipients, code, words, fate)
        for one in recipients:
            code, words = self._said(self._smtp.rcpt(one))
            if code not in {_OK, 251}:
                fate.refuse(one, code, words)
            else:
                fate.taken[one] = words
        if not fate.taken:
            self._smtp.rset()
            return fate
        return self._with_data(message, fate)

    def _with_data(self, message: bytes, fate: Fate) -> Fate:
        accepted, fate.taken = list(fate.taken), {}
        try:
            code, words = self._said(self._smtp.data(message))
        except smtplib.SMTPDataError as error:
            code, words = self._said((error.smtp_code, error.smtp_error))
        if code != _OK:
            return self._refused(accepted, code, words, fate)
        fate.taken = dict.fromkeys(accepted, f"{code} {words}".strip())
        return fate

    def _options(self, sender: str, recipients: Sequence[str], fate: Fate) -> Sequence[str]:
        """Ask for addresses beyond ASCII where there are any, and the server knows of them."""
        if all(one.isascii() for one in (sender, *recipients)):
            return ()
        if self._smtp.has_extn("smtputf8"):
            self._smtp.command_encoding = "utf-8"
            return ("SMTPUTF8", "BODY=8BITMIME")
        for one in recipients:
            fate.refuse(one, _FOR_GOOD, "the mail server takes no addresses beyond ASCII")
        return ()

    def _refused(self, recipients: Sequence[str], code: int, words: str, fate: Fate) -> Fate:
        for one in recipients:
            fate.refuse(one, code, words)
        self._smtp.rset()
        return fate

    def _said(self, answer: tuple[int, bytes | str]) -> tuple[int, str]:
        self._alive()
        code, words = answer
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        return code, storable(" ".join(text.split()))


def _read(address: str) -> tuple[Path | None, str, int]:
    if address.startswith("unix:"):
        return Path(address.removeprefix("unix:")), "", 0
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 1 << 16:
        raise ConfigError(
            f"mail.server: {address!r} is neither HOST:PORT nor unix:PATH",
            hint="write localhost:25, or unix:/var/spool/postfix/public/poser",
        )
    return None, host.strip("[]"), int(port)
