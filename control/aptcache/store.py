# SPDX-License-Identifier: Apache-2.0
"""The files the cache keeps, and who may ask for which."""

import http
import os
import re
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from control.aptcache.download import Download

_BY_HASH = re.compile(r"/by-hash/SHA256/([0-9a-f]{64})$")
_FOR_EVER = re.compile(r"\.u?deb$|/by-hash/[A-Za-z0-9]+/[0-9a-f]+$")
_SEGMENT = re.compile(r"[A-Za-z0-9._~+:%@=,-]+")
_ABANDONED_S = 3600


class Refused(Exception):  # noqa: N818 - the answer that the client gets
    """The client asked for something that this cache does not fetch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One file that a client may have: where it comes from and where it is kept."""

    url: str
    path: Path
    sha256: str
    is_for_ever: bool


class Store:
    """Keeps files below `folder`; asks only `hosts`, which maps "host[:port]" to its scheme."""

    def __init__(self, folder: Path, hosts: Mapping[str, str]) -> None:
        self._folder = folder
        self._hosts = dict(hosts)
        self._lock = threading.Lock()
        self._running: dict[Path, Download] = {}
        self._parts = folder / "partial"
        self._parts.mkdir(parents=True, exist_ok=True)
        self._delete_abandoned()

    def wanted(self, asked: str) -> Wanted:
        """Return the file behind the address `asked`; raises Refused."""
        parts = urllib.parse.urlsplit(asked)
        if parts.scheme != "http" or parts.query or parts.fragment:
            raise Refused(f"{asked} is no file of a Debian mirror")
        scheme = self._hosts.get(parts.netloc)
        if scheme is None:
            raise Refused(f"{parts.netloc} is not one of {', '.join(sorted(self._hosts))}")
        segments = urllib.parse.unquote(parts.path).split("/")[1:]
        if not segments or not all(_is_safe(segment) for segment in segments):
            raise Refused(f"{asked} is no file of a Debian mirror")
        digest = _BY_HASH.search(parts.path)
        return Wanted(
            url=f"{scheme}://{parts.netloc}{parts.path}",
            path=self._folder.joinpath(parts.netloc, *segments),
            sha256=digest[1] if digest else "",
            is_for_ever=bool(_FOR_EVER.search(parts.path)),
        )

    def kept(self, wanted: Wanted) -> bool:
        """Say whether the file is here and need not be asked for again."""
        return wanted.is_for_ever and wanted.path.is_file()

    def fetch(self, wanted: Wanted) -> Download:
        """Return the download of a file, one that is under way if there is one."""
        with self._lock:
            running = self._running.get(wanted.path)
            if running is not None and not running.has_failed:
                return running
            started = self._download(wanted)
            self._running[wanted.path] = started
        threading.Thread(target=self._run, args=(wanted, started), daemon=True).start()
        return started

    def _download(self, wanted: Wanted) -> Download:
        descriptor, part = tempfile.mkstemp(dir=self._parts)
        os.close(descriptor)
        since = wanted.path.stat().st_mtime if wanted.path.is_file() else None
        return Download(wanted.url, Path(part), sha256=wanted.sha256, since=since)

    def _run(self, wanted: Wanted, download: Download) -> None:
        """Fetch, and keep what arrived whole under its own name before anyone is told so."""
        try:
            download.run(keep=lambda: self._keep(wanted, download))
        finally:
            with self._lock:
                if self._running.get(wanted.path) is download:
                    del self._running[wanted.path]
            download.part.unlink(missing_ok=True)

    def _keep(self, wanted: Wanted, download: Download) -> None:
        head = download.head()
        if head.status != http.HTTPStatus.OK:
            return
        wanted.path.parent.mkdir(parents=True, exist_ok=True)
        if head.modified is not None:
            os.utime(download.part, (head.modified, head.modified))
        download.part.replace(wanted.path)

    def _delete_abandoned(self) -> None:
        limit = time.time() - _ABANDONED_S
        for part in self._parts.iterdir():
            if part.stat().st_mtime < limit:
                part.unlink(missing_ok=True)


def _is_safe(segment: str) -> bool:
    return bool(_SEGMENT.fullmatch(segment)) and segment not in {".", ".."}
