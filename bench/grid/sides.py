# SPDX-License-Identifier: Apache-2.0
"""The two web apps, each started as its own server program on a port of the loopback address."""

import http.client
import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from bench.grid.seed import DATABASE, TRAINWRECK
from bench.measure import processes
from bench.measure.cluster import Cluster, free_port
from control.frontend import put_in_place
from poser import __version__
from poser.auth import ADMINISTRATORS, add_user
from poser.db import engine, transaction
from poser.errors import PoserError
from web.rendering import compile_all

CHECKOUT = Path(__file__).resolve().parents[2]
WORKERS = 2
THREADS = 4
START_S = 30.0
STOP_S = 15.0


@dataclass(slots=True, kw_only=True)
class Side:
    """One web app that runs: where it listens and what a signed-in browser sends it."""

    name: str
    what: str
    port: int
    headers: Mapping[str, str]
    server: subprocess.Popen[bytes]
    log: Path

    @property
    def workers(self) -> list[int]:
        """The ids of its worker processes."""
        return processes.children(self.server.pid)

    def stop(self) -> None:
        """Stop the server in an orderly way, or else kill it."""
        self.server.terminate()
        try:
            self.server.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()


def start(
    command: list[str],
    environment: Mapping[str, str],
    port: int,
    log: Path,
    *,
    workers: int = WORKERS,
) -> subprocess.Popen[bytes]:
    """Start a server and wait until all its workers run and it answers on `port`."""
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            env={**os.environ, **environment, "PYTHONPATH": str(CHECKOUT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=log.parent,
        )
    give_up = time.monotonic() + START_S
    while not (_listens(port) and len(processes.children(server.pid)) >= workers):
        if server.poll() is not None or time.monotonic() > give_up:
            server.kill()
            server.wait()
            raise PoserError(
                f"{command[0]} did not start: {log.read_text()[-2000:]}", hint=f"see {log}"
            )
        time.sleep(0.1)
    return server


def _listens(port: int) -> bool:
    # state 0A is LISTEN; asking by a connection would leave it in the server's count
    address = f"0100007F:{port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(line.split()[1] == address and line.split()[3] == "0A" for line in lines)


def start_django(cluster: Cluster, folder: Path, python: Path) -> Side:
    """Start Django's admin under gunicorn with the shape that our web app has."""
    environment = {
        "BENCH_DJANGO_KEY": secrets.token_urlsafe(50),
        "BENCH_DATABASE": DATABASE,
        "BENCH_DATABASE_PORT": str(cluster.port),
        "PYTHONPATH": str(CHECKOUT),
    }
    cluster.execute("CREATE SCHEMA IF NOT EXISTS django", database=DATABASE)
    prepared = subprocess.run(
        [python, "-m", "bench.grid.django_side.prepare"],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        cwd=folder,
    )
    if prepared.returncode:
        raise PoserError(f"Django could not be prepared: {prepared.stderr.decode()[-2000:]}")
    answer = json.loads(prepared.stdout)
    port = free_port()
    command = [
        *(str(python), "-m", "gunicorn", "--worker-class", "gthread", "--no-control-socket"),
        *("--workers", str(WORKERS), "--threads", str(THREADS), "--bind", f"127.0.0.1:{port}"),
        "bench.grid.django_side.wsgi:application",
    ]
    log = folder / "django.log"
    return Side(
        name="django",
        what=f"Django {answer['version']} admin",
        port=port,
        headers={"Cookie": answer["cookie"]},
        server=start(command, environment, port, log),
        log=log,
    )


def start_poser(cluster: Cluster, folder: Path) -> Side:
    """Start our web app as its unit does, on a port instead of nginx's socket, and sign in.

    Its front end is built and its templates are compiled, as in a release.
    """
    put_in_place()
    compile_all()
    port = free_port()
    secret = folder / "web-secret"
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_hex(32))
    config = folder / "poser.conf"
    config.write_text(
        f"[poser]\nnode = bench\nrole = store\n"
        f"[db]\nurl = {cluster.url(DATABASE)}\n"
        f"[trainwreck]\nurl = {cluster.url(TRAINWRECK)}\n"
        f"[web]\nbind = 127.0.0.1:{port}\nworkers = {WORKERS}\nthreads = {THREADS}\n"
        f"secret_file = {secret}\n"
    )
    password = secrets.token_urlsafe(24)
    name = f"bench-{secrets.token_hex(4)}"
    with transaction(engine(cluster.url(DATABASE))) as session:
        add_user(session, name, user_roles=[ADMINISTRATORS], password=password)
    log = folder / "poser.log"
    server = start([sys.executable, "-m", "web.serve"], {"POSER_CONFIG": str(config)}, port, log)
    side = Side(
        name="poser", what=f"Poser {__version__}", port=port, headers={}, server=server, log=log
    )
    try:
        side.headers = {"Cookie": sign_in(port, name, password)}
    except BaseException:
        side.stop()
        raise
    return side


def sign_in(port: int, name: str, password: str) -> str:
    """Sign in as a browser does, by the form, and return the cookies it then has."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/sign-in")
        page = connection.getresponse()
        cookies = _cookies(page)
        token = re.search(r'name="csrf"[^>]*value="([^"]+)"', page.read().decode())
        if token is None:
            raise PoserError("the sign-in page has no form token")
        form = {"name": name, "password": password, "csrf": token[1]}
        headers = {
            "Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://127.0.0.1:{port}",
        }
        connection.request("POST", "/sign-in", urlencode(form), headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.client.SEE_OTHER:
            raise PoserError(f"signing in failed with {answer.status}: {body[:500]!r}")
        kept = {key: value for key, value in _cookies(answer).items() if value}
    finally:
        connection.close()
    return "; ".join(f"{key}={value}" for key, value in kept.items())


def _cookies(answer: http.client.HTTPResponse) -> dict[str, str]:
    lines = answer.headers.get_all("Set-Cookie") or []
    pairs = (line.partition(";")[0].partition("=") for line in lines)
    return {key: value.strip('"') for key, _, value in pairs}
