# SPDX-License-Identifier: Apache-2.0
"""Brings messages to the node over HTTPS, and says in words why that does not work.

The node is known by its authority's certificate, which is no secret. What was not answered is sent
again, ever more seldom, for as long as it takes: a message that comes twice changes nothing.
"""

import http.client
import json
import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tempmon_client import wire
from tempmon_client.fields import WireError
from tempmon_client.signing import authorization
from tempmon_client.wire import Answer, Message

TIMEOUT_S = 20.0
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0
REFUSED_PAUSE_S = 600.0
LARGEST_ANSWER = 1024 * 1024
_OK, _UNAUTHORIZED, _FORBIDDEN, _TOO_LARGE, _TOO_MANY = 200, 401, 403, 413, 429


class Unsent(Exception):  # noqa: N818 - what happened
    """A message was not taken; `after_s` is how long to wait, None: as the failures say."""

    def __init__(self, why: str, *, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


class Refused(Unsent):
    """The node does not know this probe, or not any more: a person has to let it in."""


class TooLarge(Unsent):
    """The message is to be cut in halves."""


@dataclass(frozen=True, slots=True)
class Node:
    """Where the node is, and the file with the certificate of the authority that signed its own."""

    url: str
    authority: Path

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        """Send a body; returns the node's, raises Unsent for every answer but 200."""
        address = urlsplit(self.url)
        try:
            context = ssl.create_default_context(cafile=str(self.authority))
        except (OSError, ssl.SSLError) as error:
            raise Unsent(
                f"{self.authority}: the node's authority cannot be read: {error}"
            ) from error
        line = http.client.HTTPSConnection(
            address.hostname or "", address.port or 443, timeout=TIMEOUT_S, context=context
        )
        try:
            line.request("POST", path, body, headers)
            answer = line.getresponse()
            said = answer.read(LARGEST_ANSWER)
        except ssl.SSLCertVerificationError as error:
            raise Unsent(
                f"{self.url} shows a certificate that this probe's authority has not signed:"
                f" {error.verify_message}; nothing was sent",
                after_s=LONGEST_PAUSE_S,
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise Unsent(f"{self.url} does not answer: {error or type(error).__name__}") from error
        finally:
            line.close()
        if answer.status != _OK:
            raise _unsent(self.url, answer, said)
        return said


def _unsent(url: str, answer: http.client.HTTPResponse, said: bytes) -> Unsent:
    told = f"{url} answers {answer.status} {answer.reason}{_why(said)}"
    match answer.status:
        case 401 | 403:
            return Refused(told, after_s=REFUSED_PAUSE_S)
        case 413:
            return TooLarge(told)
        case 429 | 503:
            return Unsent(told, after_s=_seconds(answer.getheader("Retry-After")))
        case _:
            return Unsent(told)


def _why(said: bytes) -> str:
    try:
        found = json.loads(said)
    except ValueError:
        return ""
    words = found.get("description") if isinstance(found, dict) else None
    return f": {str(words)[:200]}" if words else ""


def _seconds(text: str | None) -> float | None:
    return min(float(text), LONGEST_PAUSE_S) if text and text.isdigit() else None


def send(node: Node, key: bytes, message: Message) -> Answer:
    """Send a message; returns what the node answers, raises Unsent with the reason."""
    body = wire.encode(message)
    headers = {
        "Content-Type": wire.CONTENT_TYPE,
        "Authorization": authorization(message.serial, key, wire.READINGS_PATH, body),
    }
    said = node.post(wire.READINGS_PATH, body, headers)
    try:
        return wire.decode_answer(said)
    except WireError as error:
        raise Unsent(f"{node.url} answers what cannot be read: {error}") from error


@dataclass(slots=True)
class Pauses:
    """How long to wait after failures: twice as long after each, and a little by chance."""

    chance: Callable[[], float] = random.random
    failures: int = 0

    def after(self, error: Unsent) -> float:
        """Return the seconds to wait after one more failure."""
        self.failures += 1
        if error.after_s is not None:
            return error.after_s * (1 + self.chance() / 4)
        doubled: float = FIRST_PAUSE_S * 2 ** min(self.failures - 1, 12)
        return min(doubled, LONGEST_PAUSE_S) * (0.5 + self.chance())

    def done(self) -> None:
        """Note that a message was taken."""
        self.failures = 0
