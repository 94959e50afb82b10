# SPDX-License-Identifier: Apache-2.0
"""The package cache between the lab and a mirror, which here is a small server of our own."""

import hashlib
import http.client
import http.server
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

import pytest

from control.aptcache.server import Server
from control.aptcache.store import Refused, Store

LARGE = bytes(range(256)) * 4096
WRITTEN = 1_700_000_000


@dataclass(kw_only=True)
class Mirror:
    """A mirror whose files, and faults, a test decides; it counts what it is asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    modified: float = WRITTEN
    breaks_after: list[int] = field(default_factory=list)
    waits: threading.Event | None = None
    tells_length: bool = True
    knows_ranges: bool = True


class MirrorHandler(http.server.BaseHTTPRequestHandler):
    server: "MirrorServer"

    def do_GET(self) -> None:
        mirror = self.server.mirror
        mirror.asked.append(self.path)
        content = mirror.files.get(self.path)
        since = self.headers.get("If-Modified-Since")
        if content is None:
            self.send_error(404)
        elif since and parsedate_to_datetime(since).timestamp() >= mirror.modified:
            self.send_response(304)
            self.end_headers()
        else:
            self._send(mirror, content)

    def _send(self, mirror: Mirror, content: bytes) -> None:
        wanted = self.headers.get("Range")
        start = 0
        if wanted:
            mirror.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if mirror.knows_ranges else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if mirror.tells_length:
            self.send_header("Content-Length", str(len(content) - start))
        self.send_header("Last-Modified", formatdate(mirror.modified, usegmt=True))
        self.end_headers()
        rest = content[start:]
        end = mirror.breaks_after.pop(0) if mirror.breaks_after else len(rest)
        half = min(end, len(rest)) // 2
        self.wfile.write(rest[:half])
        if mirror.waits is not None:
            self.wfile.flush()
            assert mirror.waits.wait(10)
        self.wfile.write(rest[half:end])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


class MirrorServer(http.server.ThreadingHTTPServer):
    def __init__(self, mirror: Mirror) -> None:
        super().__init__(("127.0.0.1", 0), MirrorHandler)
        self.mirror = mirror


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    how: str


@dataclass(frozen=True, kw_only=True)
class Lab:
    """The cache and the mirror behind it, with what a machine would do."""

    mirror: Mirror
    host: str
    cache: tuple[str, int]
    folder: Path

    def ask(self, path: str, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(*self.cache, timeout=10)
        try:
            address = path if path.startswith("http") else f"http://{self.host}{path}"
            connection.request("GET", address, headers=headers)
            response = connection.getresponse()
            how = response.headers.get("X-Poser-Cache", "")
            return Answer(status=response.status, body=response.read(), how=how)
        finally:
            connection.close()

    def parts(self) -> list[Path]:
        return list((self.folder / "partial").iterdir())


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    mirror = Mirror()
    upstream = MirrorServer(mirror)
    host = f"127.0.0.1:{upstream.server_address[1]}"
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener, Store(tmp_path, {host: "http"}))
    threads = [
        threading.Thread(target=each.serve_forever, args=(0.01,)) for each in (upstream, server)
    ]
    for thread in threads:
        thread.start()
    yield Lab(mirror=mirror, host=host, cache=listener.getsockname(), folder=tmp_path)
    for each in (upstream, server):
        each.shutdown()
        each.server_close()
    for thread in threads:
        thread.join()


def by_hash(content: bytes) -> str:
    return f"/dists/x/by-hash/SHA256/{hashlib.sha256(content).hexdigest()}"


@pytest.mark.parametrize("path", ["/pool/a_1%2b2.deb", "/pool/a_1.udeb", by_hash(LARGE)])
def test_a_package_is_fetched_once_and_kept(lab: Lab, path: str) -> None:
    lab.mirror.files[path] = LARGE
    assert lab.ask(path) == Answer(status=200, body=LARGE, how="fetched")
    assert lab.ask(path) == Answer(status=200, body=LARGE, how="here")
    assert lab.mirror.asked == [path]
    assert lab.parts() == []


def test_a_package_is_served_when_the_mirror_is_gone(lab: Lab) -> None:
    lab.mirror.files["/pool/a_1.deb"] = LARGE
    lab.ask("/pool/a_1.deb")
    lab.mirror.files.clear()
    assert lab.ask("/pool/a_1.deb").body == LARGE


def test_a_list_is_asked_for_again_and_sent_again_only_when_it_changed(lab: Lab) -> None:
    lab.mirror.files["/dists/x/InRelease"] = b"old"
    assert lab.ask("/dists/x/InRelease").how == "fetched"
    assert lab.ask("/dists/x/InRelease") == Answer(status=200, body=b"old", how="asked")
    lab.mirror.files["/dists/x/InRelease"] = b"newer"
    lab.mirror.modified += 60
    assert lab.ask("/dists/x/InRelease") == Answer(status=200, body=b"newer", how="fetched")
    assert len(lab.mirror.asked) == 3


def test_a_machine_that_has_the_newest_list_is_told_so(lab: Lab) -> None:
    lab.mirror.files["/dists/x/InRelease"] = b"old"
    lab.ask("/dists/x/InRelease")
    date = {"If-Modified-Since": formatdate(WRITTEN, usegmt=True)}
    assert lab.ask("/dists/x/InRelease", **date).status == 304
    earlier = {"If-Modified-Since": formatdate(WRITTEN - 60, usegmt=True)}
    assert lab.ask("/dists/x/InRelease", **earlier).body == b"old"


def test_an_old_list_is_never_served_in_place_of_a_new_one(lab: Lab) -> None:
    lab.mirror.files["/dists/x/InRelease"] = b"old"
    lab.ask("/dists/x/InRelease")
    del lab.mirror.files["/dists/x/InRelease"]
    assert lab.ask("/dists/x/InRelease").status == 404


def test_machines_that_want_one_file_share_its_download(lab: Lab) -> None:
    lab.mirror.files["/pool/a_1.deb"] = LARGE
    lab.mirror.waits = threading.Event()
    with ThreadPoolExecutor(5) as pool:
        answers = [pool.submit(lab.ask, "/pool/a_1.deb") for _ in range(5)]
        time.sleep(0.3)
        lab.mirror.waits.set()
        assert {answer.result().body for answer in answers} == {LARGE}
    assert lab.mirror.asked == ["/pool/a_1.deb"]


def test_a_file_is_passed_on_while_it_arrives(lab: Lab) -> None:
    lab.mirror.files["/pool/a_1.deb"] = LARGE
    lab.mirror.waits = threading.Event()
    connection = http.client.HTTPConnection(*lab.cache, timeout=10)
    connection.request("GET", f"http://{lab.host}/pool/a_1.deb")
    response = connection.getresponse()
    early = response.read(100_000)
    assert early == LARGE[:100_000], "before the mirror has sent the second half"
    assert not list(lab.folder.rglob("*.deb")), "and not kept under its name yet"
    lab.mirror.waits.set()
    assert early + response.read() == LARGE
    connection.close()


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_a_download_that_breaks_off_goes_on_where_it_was(lab: Lab, *, knows_ranges: bool) -> None:
    lab.mirror.files["/pool/a_1.deb"] = LARGE
    lab.mirror.breaks_after = [300_000, 500_000]
    lab.mirror.knows_ranges = knows_ranges
    assert lab.ask("/pool/a_1.deb").body == LARGE
    assert lab.mirror.ranges[0] == "bytes=300000-"
    assert lab.ask("/pool/a_1.deb") == Answer(status=200, body=LARGE, how="here")


def test_a_part_of_a_file_is_never_served_as_the_whole(lab: Lab) -> None:
    lab.mirror.files["/pool/a_1.deb"] = LARGE
    lab.mirror.breaks_after = [300_000, 10, 10]
    with pytest.raises(http.client.IncompleteRead):
        lab.ask("/pool/a_1.deb")
    assert not list(lab.folder.rglob("*.deb"))
    assert lab.parts() == []
    assert lab.ask("/pool/a_1.deb").body == LARGE, "the next one gets it whole"


def test_a_file_that_is_not_what_its_name_says_is_not_passed_on_whole(lab: Lab) -> None:
    path = by_hash(LARGE)
    lab.mirror.files[path] = LARGE[:-1] + b"!"
    with pytest.raises(http.client.IncompleteRead):
        lab.ask(path)
    assert not list(lab.folder.rglob("by-hash/SHA256/*"))
    lab.mirror.files[path] = LARGE
    assert lab.ask(path).body == LARGE


def test_a_mirror_that_tells_no_length_is_waited_for(lab: Lab) -> None:
    lab.mirror.files["/pool/a_1.deb"] = LARGE
    lab.mirror.tells_length = False
    assert lab.ask("/pool/a_1.deb") == Answer(status=200, body=LARGE, how="asked")


def test_what_the_mirror_does_not_have_is_said_and_not_kept(lab: Lab) -> None:
    assert lab.ask("/pool/none.deb").status == 404
    lab.mirror.files["/pool/none.deb"] = b"now it has"
    assert lab.ask("/pool/none.deb").body == b"now it has"


def test_a_mirror_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        host = f"127.0.0.1:{nobody.getsockname()[1]}"
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener, Store(tmp_path, {host: "http"}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    lab = Lab(mirror=Mirror(), host=host, cache=listener.getsockname(), folder=tmp_path)
    answer = lab.ask("/pool/a_1.deb")
    server.shutdown()
    server.server_close()
    thread.join()
    assert answer.status == 502
    assert host.encode() in answer.body
    assert b"refused" in answer.body


@pytest.mark.parametrize(
    "address",
    [
        "http://elsewhere.example/pool/a.deb",
        "https://{host}/pool/a.deb",
        "http://{host}/pool/../../a.deb",
        "http://{host}/pool/%2e%2e/a.deb",
        "http://{host}/pool/a%00.deb",
        "http://{host}/pool//a.deb",
        "http://{host}/a?b=c.deb",
        "http://{host}",
        "http://{host}/",
        "http://me@{host}/a.deb",
        "/pool/a.deb",
        "ftp://{host}/a.deb",
        "http://{host}/a%2f..%2fb.deb",
    ],
)
def test_nothing_but_files_of_the_mirror_can_be_asked_for(tmp_path: Path, address: str) -> None:
    store = Store(tmp_path, {"mirror.example": "https"})
    with pytest.raises(Refused):
        store.wanted(address.format(host="mirror.example"))


def test_a_refused_address_answers_403(lab: Lab) -> None:
    assert lab.ask("http://elsewhere.example/pool/a.deb").status == 403
    assert lab.mirror.asked == []


def test_a_mirror_over_https_is_asked_over_https(tmp_path: Path) -> None:
    store = Store(tmp_path, {"mirror.example": "https"})
    wanted = store.wanted("http://mirror.example/pool/a_1%2b2~3.deb")
    assert wanted.url == "https://mirror.example/pool/a_1%2b2~3.deb"
    assert wanted.path == tmp_path / "mirror.example/pool/a_1+2~3.deb"


def test_what_a_killed_cache_left_is_cleared_away(tmp_path: Path) -> None:
    parts = tmp_path / "partial"
    parts.mkdir()
    old, new = parts / "old", parts / "new"
    for part in (old, new):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))
    Store(tmp_path, {})
    assert list(parts.iterdir()) == [new], "another cache may be writing the newer one"
