# SPDX-License-Identifier: Apache-2.0
"""One file on its way from the mirror, read by any number of clients while it arrives."""

import hashlib
import http.client
import logging
import os
import threading
import urllib.error
import urllib.request
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

log = logging.getLogger(__name__)

CHUNK = 1 << 16
_TRIES = 3
_TIMEOUT_S = 30.0


class Broken(Exception):  # noqa: N818 - says what happened to the download
    """The mirror could not be asked, or the file did not arrive whole or is not what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the mirror said before the content: its status and, when known, length and time.

    `modified` is in seconds since 1970.
    """

    status: int
    length: int | None = None
    modified: float | None = None


class Download:
    """Fetches `url` into `part` and tells its readers, who may be in other threads.

    `sha256` is what the content must hash to, "" when that is not known. The last piece is held
    back until everything was checked. `since` asks for nothing if the file is not newer.
    """

    def __init__(
        self, url: str, part: Path, *, sha256: str = "", since: float | None = None
    ) -> None:
        self.url = url
        self.part = part
        # Shared by writer and readers, who give the place with each call; it outlives the name.
        self._file = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        weakref.finalize(self, os.close, self._file)
        self._sha256 = sha256
        self._since = since
        self._digest = hashlib.sha256()
        self._received = 0
        self._changed = threading.Condition()
        # What readers see, under `_changed`:
        self._head: Head | None = None
        self._readable = 0
        self._is_whole = False
        self._error: Broken | None = None

    # For readers -------------------------------------------------------------------------------

    @property
    def has_failed(self) -> bool:
        """Say whether nobody will get the file from this download."""
        with self._changed:
            return self._error is not None

    def head(self) -> Head:
        """Wait for the mirror's answer; raises Broken."""
        with self._changed:
            self._changed.wait_for(lambda: self._head is not None or self._error is not None)
            if self._head is None:
                raise self._error or Broken(self.url)
            return self._head

    def wait(self) -> None:
        """Wait for the whole file; raises Broken."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_whole or self._error is not None)
            if self._error is not None:
                raise self._error

    def chunks(self) -> Iterator[bytes]:
        """Yield the content as it arrives; raises Broken when it does not come whole."""
        sent = 0
        while True:
            end, is_whole = self._more_than(sent)
            while sent < end:
                chunk = os.pread(self._file, min(CHUNK, end - sent), sent)
                sent += len(chunk)
                yield chunk
            if is_whole:
                return

    def _more_than(self, sent: int) -> tuple[int, bool]:
        """Wait until more than `sent` bytes can be read; returns how many, and if that is all."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._readable > sent or self._is_whole or self._error is not None
            )
            if self._error is not None:
                raise self._error
            return self._readable, self._is_whole

    # For the thread that fetches ---------------------------------------------------------------

    def run(self, keep: Callable[[], None] = lambda: None) -> None:
        """Fetch the file, `keep` it, then tell the readers that it is whole.

        Never raises: readers are told instead.
        """
        try:
            self._fetch()
            keep()
        except Broken as error:
            self._fail(error)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._fail(Broken(f"{self.url}: {error or type(error).__name__}"))
        else:
            with self._changed:
                self._readable = self._received
                self._is_whole = True
                self._changed.notify_all()

    def _fail(self, error: Broken) -> None:
        self.part.unlink(missing_ok=True)
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def _fetch(self) -> None:
        for left in reversed(range(_TRIES)):
            try:
                self._receive()
                break
            except (OSError, http.client.HTTPException) as error:
                # Readers have what arrived so far: go on from there, do not start again.
                if left == 0 or self._head is None:
                    raise
                log.warning("going on", extra={"url": self.url, "reason": str(error)})
        os.fsync(self._file)
        if self._sha256 and self._is_content() and self._digest.hexdigest() != self._sha256:
            raise Broken(f"{self.url} is not what its name says: SHA-256 differs")

    def _is_content(self) -> bool:
        return self._head is not None and self._head.status == http.HTTPStatus.OK

    def _receive(self) -> None:
        request = urllib.request.Request(self.url, headers=self._headers())  # noqa: S310 - our hosts
        try:
            response = urllib.request.urlopen(request, timeout=_TIMEOUT_S)  # noqa: S310
        except urllib.error.HTTPError as error:
            with error:
                if self._head is not None:
                    raise
                self._announce(Head(status=error.code))
                return
        with response:
            if self._head is None:
                self._announce(_head(response))
            elif response.status == http.HTTPStatus.OK:
                response.read(self._received)  # the mirror starts again; we have that part
            self._copy(response)

    def _headers(self) -> dict[str, str]:
        headers = {"User-Agent": "poser-aptcache", "Accept-Encoding": "identity"}
        if self._received:
            headers["Range"] = f"bytes={self._received}-"
        elif self._since is not None:
            headers["If-Modified-Since"] = formatdate(self._since, usegmt=True)
        return headers

    def _announce(self, head: Head) -> None:
        with self._changed:
            self._head = head
            self._changed.notify_all()

    def _copy(self, response: http.client.HTTPResponse) -> None:
        while chunk := response.read(CHUNK):
            os.pwrite(self._file, chunk, self._received)
            self._digest.update(chunk)
            with self._changed:
                self._readable = self._received
                self._changed.notify_all()
            self._received += len(chunk)
        expected = self._head.length if self._head else None
        if expected is not None and self._received != expected:
            raise ConnectionError(f"ended after {self._received} of {expected} bytes")


def _head(response: http.client.HTTPResponse) -> Head:
    length = response.headers.get("Content-Length")
    modified = response.headers.get("Last-Modified")
    return Head(
        status=response.status,
        length=int(length) if length else None,
        modified=parsedate_to_datetime(modified).timestamp() if modified else None,
    )
