# SPDX-License-Identifier: Apache-2.0
"""Getting pages from the web: with patience, within limits, and no secret to strangers."""

import http.client
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import IO, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from poser.errors import ImportFailed, Unavailable
from poser.importing.opening import MIB

_BUSY = frozenset((408, 425, 429, 500, 502, 503, 504))
_LONGEST_WAIT_S = 60
_PROBLEMS = (URLError, TimeoutError, ConnectionError, http.client.HTTPException)


class Page(NamedTuple):
    """What came: its bytes, and the headers of the answer."""

    content: bytes
    headers: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Gets pages. `headers` go to the first address' own host only; `pause` waits seconds."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_s: float = 30
    tries: int = 4
    largest_mib: int = 64
    pause: Callable[[float], None] = time.sleep

    def __call__(self, address: str) -> Page:
        """Get one page. Raises Unavailable when it does not come, ImportFailed when refused."""
        for number in range(1, self.tries + 1):
            try:
                return self._once(address)
            except HTTPError as error:
                with error:
                    if error.code not in _BUSY:
                        raise _refused(address, error) from error
                    said, wait = f"{error.code} {error.reason}", _wait(error.headers, number)
            except _PROBLEMS as error:
                said = str(getattr(error, "reason", "") or error) or type(error).__name__
                wait = _wait(Message(), number)
            if number < self.tries:
                self.pause(wait)
        raise Unavailable(
            f"{address} does not come, tried {self.tries} times: {said}",
            hint="is the service up? Nothing was taken; run it again later",
        )

    def _once(self, address: str) -> Page:
        if urlsplit(address).scheme not in {"http", "https"}:
            raise ImportFailed(f"{address!r} is no address of the web", hint="https://HOST/PATH")
        wanted = {"Accept": "application/json", "User-Agent": "poser", **self.headers}
        request = Request(address, headers=wanted)  # noqa: S310 - the scheme is looked at above
        opener = build_opener(_SameHost())
        limit = self.largest_mib * MIB
        with opener.open(request, timeout=self.timeout_s) as answer:
            content = answer.read(limit + 1)
            if len(content) > limit:
                raise ImportFailed(
                    f"{address}: the page has more than {self.largest_mib} MiB",
                    hint="ask the service for smaller pages",
                )
            said = answer.headers.get("Content-Length", "")
            if said.isdecimal() and len(content) < int(said):
                raise http.client.IncompleteRead(content, int(said) - len(content))
            return Page(content, answer.headers)


class _SameHost(HTTPRedirectHandler):
    """Follows an answer that points elsewhere on the same host only: headers may be secret."""

    def redirect_request(  # noqa: PLR0917 - as the library calls it
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> Request | None:
        """Make the next request, or refuse."""
        if origin(newurl) != origin(req.full_url):
            raise ImportFailed(
                f"{req.full_url} points to another host: {newurl}",
                hint="use that address, if it is the right one",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def origin(address: str) -> tuple[str, str]:
    """Give the scheme and the host of an address, with its port."""
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def _refused(address: str, error: HTTPError) -> ImportFailed:
    hints = {
        401: "the service wants a token: --token-file names the file that has it",
        403: "the token may not read this",
        404: "check the address and the path",
    }
    return ImportFailed(
        f"{address}: the service says {error.code} {error.reason}",
        hint=hints.get(error.code, "look at what the service says about it"),
    )


def _wait(headers: Message, number: int) -> float:
    """Say how many seconds to wait: as the service asks, within limits."""
    said = headers.get("Retry-After", "")
    try:
        wait = float(said) if said else 2.0 ** (number - 1)
    except ValueError:
        try:
            wait = parsedate_to_datetime(said).timestamp() - time.time()
        except ValueError:
            wait = 2.0 ** (number - 1)
    return min(max(wait, 0.0), _LONGEST_WAIT_S)
