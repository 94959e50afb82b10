# SPDX-License-Identifier: Apache-2.0
"""A daemon of a node that stands alone watches a file and a web address, and is killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine

from poser.cli.app import run
from tests.support.daemons import eventually
from tests.support.importers import rows

pytestmark = pytest.mark.postgresql


class Till(ThreadingHTTPServer):
    """A till that answers with what a test says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.body: bytes = b"[]"
        self.status = 200

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/vendors"


class _Answers(BaseHTTPRequestHandler):
    server: Till

    def do_GET(self) -> None:
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def till() -> Iterator[Till]:
    server = Till()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def write(path: Path, text: str) -> None:
    """Write a file as those do who know: whole, and a while ago."""
    part = path.with_suffix(".part")
    part.write_text(text)
    long_ago = time.time() - 60
    os.utime(part, (long_ago, long_ago))
    part.rename(path)


@contextmanager
def daemon(config: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "poser.cli", "-c", str(config), "datasync", "run"],
            stdout=file,
            stderr=file,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=20)


def configure(folder: Path, engines: dict[str, Engine], *lines: str) -> Path:
    path = folder / "poser.conf"
    urls = {name: one.url.render_as_string(hide_password=False) for name, one in engines.items()}
    watch = "".join(f"    {line}\n" for line in lines)
    path.write_text(
        f"[db]\nurl = {urls['poser']}\n[trainwreck]\nurl = {urls['trainwreck']}\n"
        f"[datasync]\nwatch =\n{watch}"
    )
    return path


@pytest.fixture
def engines(new_database: Callable[[str], Engine]) -> dict[str, Engine]:
    return {name: new_database(name) for name in ("poser", "trainwreck")}


def names(engine: Engine) -> list[object]:
    return [row[0] for row in rows(engine, "SELECT name FROM vendors ORDER BY number")]


def test_what_changes_is_here_soon_whoever_is_killed(
    engines: dict[str, Engine], till: Till, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, log = tmp_path / "vendors.csv", tmp_path / "log"
    till.body = json.dumps([{"number": "t1", "name": "Till"}]).encode()
    write(path, "number,name\n1,Tea\n2,Soap\n")
    config = configure(
        tmp_path,
        engines,
        f"file every 1s: csv Vendor --from {path} --delete --max-delete-share 100",
        f"till every 1s with network: http Vendor --from {till.address}",
    )
    poser = engines["poser"]
    with daemon(config, log):
        eventually(lambda: names(poser) == ["Tea", "Soap", "Till"])
        write(path, "number,name\n1,Tea\n")
        eventually(lambda: names(poser) == ["Tea", "Till"])
        # What is no JSON, and an error, change nothing; the file goes on meanwhile.
        till.body, till.status = b"<html>Sign in to this network</html>", 200
        write(path, "number,name\n1,Tea\n3,Salt\n")
        eventually(lambda: names(poser) == ["Tea", "Salt", "Till"])
        failed = "SELECT count(*) FROM datasync_watched WHERE failed_at IS NOT NULL"
        eventually(lambda: rows(poser, failed) == [(1,)])
        assert run(("-c", str(config), "datasync", "watched")) == 0
        assert "till: " in capsys.readouterr().out
    for number in range(5):
        till.body = json.dumps(
            [{"number": f"t{n}", "name": f"Till {number}"} for n in range(1, 2_000)]
        ).encode()
        with daemon(config, log) as process:
            time.sleep(1.5 + 0.4 * number)
            process.send_signal(signal.SIGKILL)
    with daemon(config, log):
        count = "SELECT count(*), count(DISTINCT name) FROM vendors WHERE name LIKE 'Till %'"
        eventually(lambda: rows(poser, count) == [(1_999, 1)])
        waits = "SELECT count(*) FROM datasync_watched_changes"
        eventually(lambda: rows(poser, waits) == [(0,)])
    assert names(poser)[:2] == ["Tea", "Salt"]


def test_what_people_do(
    engines: dict[str, Engine], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "vendors.csv"
    write(path, "number,name,discount_percent\n1,Tea,\n2,Soap,much\n")
    config = configure(tmp_path, engines, f"file every 1min: csv Vendor --from {path}")

    def typed(*words: str) -> int:
        return run(("-c", str(config), "datasync", *words))

    assert typed("watched") == 0
    assert "nothing is watched yet" in capsys.readouterr().out
    assert typed("watched", "file", "--look") == 0
    said = capsys.readouterr().out
    assert "file: 2 records read, 2 changed, 0 gone; 1 brought in, 1 refused" in said
    assert 'Vendor ["2"]' in said
    assert "discount_percent" in said
    assert typed("retry", "--all") == 0
    assert "1 are tried again" in capsys.readouterr().out
    assert typed("pause", "file", "--why", "stocktaking") == 0
    assert typed("watched", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out.split("\n", 1)[1])["watched"]
    assert (one["is_paused"], one["note"], one["refused"]) == (True, "stocktaking", 1)
    assert typed("resume", "file") == 0
    ids = rows(engines["poser"], "SELECT id FROM datasync_watched_changes")
    assert typed("drop", str(ids[0][0]), "--why", "typed wrong") == 0
    assert typed("watched", "other") == 1
    assert "no watched system has the name 'other'" in capsys.readouterr().err
