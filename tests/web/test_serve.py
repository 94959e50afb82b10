# SPDX-License-Identifier: Apache-2.0
"""The server as systemd runs it: ready, watched, limited, and refusing to start when wrong."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.support.postgresql import Server
from tests.web.running import (
    CHECKOUT,
    Running,
    command,
    log_of,
    running,
    start,
    stop,
    write_settings,
)
from web.arbiter import WORKER_TIMEOUT_S
from web.worker import HEAD_S

MOST_MEMORY_MIB = 80
"""What may be resident in a worker, shared or not: the bar of bench/web, too."""
ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.fixture(scope="module")
def urls(postgresql: Server, templates: dict[str, str]) -> dict[str, str]:
    return {
        kind: postgresql.url(postgresql.create(template)) for kind, template in templates.items()
    }


@pytest.fixture(scope="module")
def app(urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("web"), urls) as started:
        yield started


def test_it_is_ready_only_when_every_worker_answers(urls: dict[str, str], tmp_path: Path) -> None:
    with running(tmp_path, urls) as started:
        assert len(started.workers()) == 2
        status, text = started.get("/health", timeout_s=2)
        assert (status, json.loads(text)["release"]) == (200, "r1")


def test_it_feeds_the_watchdog_about_every_second(app: Running) -> None:
    app.wait_for("WATCHDOG=1", within_s=3)
    assert app.wait_for("WATCHDOG=1", within_s=3) < 2.5


def test_a_killed_worker_is_replaced(app: Running) -> None:
    victim, other = app.workers()
    os.kill(victim, signal.SIGKILL)
    _until(lambda: len(set(app.workers()) - {victim}) == 2, within_s=5)
    assert other in app.workers()
    assert app.get("/health")[0] == 200


def test_a_hanging_worker_is_replaced_and_the_watchdog_fed_meanwhile(app: Running) -> None:
    victim = app.workers()[0]
    os.kill(victim, signal.SIGSTOP)
    _until(lambda: victim not in app.workers(), within_s=WORKER_TIMEOUT_S + 4)
    _until(lambda: len(app.workers()) == 2, within_s=3)
    app.states()
    app.wait_for("WATCHDOG=1", within_s=3)


def test_a_hanging_supervisor_falls_silent(app: Running) -> None:
    os.kill(app.process.pid, signal.SIGSTOP)
    try:
        time.sleep(0.3)
        app.states()
        time.sleep(3)
        assert app.states() == []
    finally:
        os.kill(app.process.pid, signal.SIGCONT)
    app.wait_for("WATCHDOG=1", within_s=5)


def test_workers_stay_small(app: Running) -> None:
    for _ in range(20):
        assert app.get("/sign-in")[0] == 200
    used = [_memory_mib(pid) for pid in app.workers()]
    assert max(used) <= MOST_MEMORY_MIB, used


@pytest.mark.parametrize("module", ["web.serve", "poser.mail.serve"])
def test_a_service_never_imports_what_only_its_start_needs(module: str) -> None:
    """Whether the databases fit is found out by a process that ends then."""
    program = f"import sys, {module}; print(*({{'alembic', 'mako'}} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_a_slow_head_is_cut_off_while_others_are_served(app: Running) -> None:
    lines = [app.connect() for _ in range(8)]  # as many as there are threads
    for line in lines:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n")
    began = time.monotonic()
    assert _is_closed(lines, within_s=HEAD_S + 4, dripping=b"X-A: 1\r\n")
    assert time.monotonic() - began >= HEAD_S - 1
    assert app.get("/health", timeout_s=3)[0] == 200


def test_a_silent_connection_holds_no_thread(app: Running) -> None:
    lines = [app.connect() for _ in range(40)]
    time.sleep(6)
    began = time.monotonic()
    assert app.get("/health", timeout_s=5)[0] == 200
    assert time.monotonic() - began < 3
    for line in lines:
        line.close()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: 1\r\n" * 70 + b"\r\n", 431),
        (b"nonsense\r\n\r\n", 400),
        (b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n", 413),
        (b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
    ],
)
def test_what_is_too_much_is_refused_at_once(app: Running, request_: bytes, status: int) -> None:
    with app.connect() as line:
        line.settimeout(5)
        line.sendall(request_)
        assert line.recv(100).split(b" ")[1] == str(status).encode()
    assert all(_memory_mib(pid) <= MOST_MEMORY_MIB for pid in app.workers())


def test_a_gigabyte_is_refused_without_being_read(app: Running) -> None:
    with app.connect() as line:
        line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n")
        sent = 0
        with suppress(ConnectionError):
            while sent < 64 << 20:
                sent += line.send(b"x" * 65536)
        assert sent < 32 << 20, "somebody read it"
    assert all(_memory_mib(pid) <= MOST_MEMORY_MIB for pid in app.workers())


def test_it_stops_when_told_to(urls: dict[str, str], tmp_path: Path) -> None:
    with running(tmp_path, urls) as started:
        started.process.terminate()
        assert started.process.wait(15) == 0
        assert "STOPPING=1" in started.states()


def test_it_listens_on_a_unix_socket_that_its_group_may_use(
    urls: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "web.sock"
    path.touch()
    path.unlink()
    settings = write_settings(
        tmp_path, urls, bind=f"unix:{path}", public_url="https://store-1.example"
    )
    process = start(settings, {"RUNTIME_DIRECTORY": str(tmp_path)})
    try:
        _until(lambda: _health(path) == 200, within_s=40)
        assert path.stat().st_mode & 0o777 == 0o660
    finally:
        stop(process)
    assert not path.exists()


def test_it_takes_a_socket_that_systemd_opened(urls: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "web.sock"
    settings = write_settings(tmp_path, urls, public_url="https://store-1.example")
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(path))
        line.listen(8)
        process = subprocess.Popen(
            [sys.executable, "-c", ACTIVATE, str(line.fileno()), *command(settings)],
            pass_fds=(line.fileno(),), cwd=CHECKOUT,
        )  # fmt: skip
        try:
            _until(lambda: _health(path) == 200, within_s=40)
        finally:
            stop(process)


@pytest.mark.parametrize(
    ("web", "environment", "message"),
    [
        ({"secret_file": ""}, {}, "the web app has no secret"),
        ({"secret_file": "missing"}, {}, "secret cannot be read"),
        ({}, {"CREDENTIALS_DIRECTORY": "/nonexistent"}, "secret cannot be read"),
        ({"workers": "0"}, {}, "web.workers must be 1 to 64"),
        ({"secret_file": "poser.conf"}, {}, "everyone on this machine can read"),
        ({"bind": "0.0.0.0:8080"}, {}, "neither unix:PATH nor a port of 127.0.0.1"),
        ({"bind": "127.0.0.1:99999"}, {}, "neither unix:PATH nor a port of 127.0.0.1"),
        ({"public_url": "http://shop.example"}, {}, "is no https address"),
        ({"time_zone": "Mars/Olympus"}, {}, "web.time_zone must be a time zone"),
        ({"bind": "unix:/nonexistent/web.sock", "public_url": "https://x"}, {}, "cannot listen"),
        ({"colour": "blue"}, {}, "there is no setting web.colour"),
    ],
)
def test_it_does_not_start_with_wrong_settings_and_says_why(
    urls: dict[str, str],
    tmp_path: Path,
    web: Mapping[str, str],
    environment: Mapping[str, str],
    message: str,
) -> None:
    settings = write_settings(tmp_path, urls, **{"bind": "127.0.0.1:0", **web})
    _refuses(settings, environment, message)


def test_it_does_not_start_on_an_empty_database(
    urls: dict[str, str], postgresql: Server, tmp_path: Path
) -> None:
    empty = {**urls, "trainwreck": postgresql.url(postgresql.create())}
    settings = write_settings(tmp_path, empty, bind="127.0.0.1:0")
    _refuses(settings, {}, "database 'trainwreck' has no tables at all, but this release needs")


def test_it_does_not_start_without_a_database(urls: dict[str, str], tmp_path: Path) -> None:
    away = {**urls, "poser": "postgresql+psycopg2://poser@/poser?host=/nonexistent"}
    settings = write_settings(tmp_path, away, bind="127.0.0.1:0")
    _refuses(settings, {}, "database 'poser' does not answer")


def test_it_starts_on_a_database_that_a_newer_release_prepared(
    postgresql: Server, templates: dict[str, str], tmp_path: Path
) -> None:
    names = {kind: postgresql.create(template) for kind, template in templates.items()}
    engine = create_engine(postgresql.owner_url(names["poser"]))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'poser_9999'"))
    engine.dispose()
    with running(tmp_path, {k: postgresql.url(n) for k, n in names.items()}) as started:
        assert started.get("/health")[0] == 200


def _refuses(settings: Path, environment: Mapping[str, str], message: str) -> None:
    process = start(settings, environment)
    assert process.wait(40) == 1
    said = log_of(settings).read_text()
    (error,) = [line for line in said.splitlines() if line.startswith("error: ")]
    assert message in error
    assert "hint: " in said
    assert "Traceback" not in said


def _until(holds: object, *, within_s: float) -> None:
    assert callable(holds)
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"it did not come true within {within_s} s")


def _is_closed(lines: list[socket.socket], *, within_s: float, dripping: bytes) -> bool:
    """Tell whether all connections are ended in time, though each goes on sending slowly."""
    end = time.monotonic() + within_s
    open_ = list(lines)
    for line in open_:
        line.settimeout(0)
    while open_ and time.monotonic() < end:
        time.sleep(0.5)
        for line in list(open_):
            try:
                line.send(dripping)
                if line.recv(10) == b"":
                    open_.remove(line)
            except BlockingIOError:
                continue
            except OSError:
                open_.remove(line)
    for line in lines:
        line.close()
    return not open_


def _health(path: Path) -> int:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(3)
        try:
            line.connect(str(path))
            line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return int(line.recv(100).split(b" ")[1])
        except (OSError, IndexError):
            return 0


def _memory_mib(pid: int) -> float:
    """Give what is resident of a process, pages that it shares with others in full."""
    shares = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(shares.split("\nRss:")[1].split()[0]) / 1024
