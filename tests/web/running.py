# SPDX-License-Identifier: Apache-2.0
"""A web app really running: started as a service would be, on databases of its own."""

import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from control.frontend import BUILT, put_in_place
from web import rendering
from web.portal.site import STATIC
from web.portal.site import TEMPLATES as PORTAL
from web.rendering import COMPILED, FOLDER

CHECKOUT = Path(__file__).resolve().parents[2]
SECRET = "0123456789abcdef" * 4
STARTS_WITHIN_S = 40.0


@dataclass(kw_only=True)
class Running:
    """A started app: its process, where it answers, and what it tells systemd."""

    process: subprocess.Popen[bytes]
    port: int
    told: socket.socket

    def states(self) -> list[str]:
        """Read what it told systemd since the last call."""
        found = []
        while True:
            try:
                found += self.told.recv(4096).decode().split("\n")
            except BlockingIOError:
                return found

    def wait_for(self, state: str, *, within_s: float) -> float:
        """Wait until it tells systemd `state`; returns the seconds that took."""
        began = time.monotonic()
        while time.monotonic() - began < within_s:
            if state in self.states():
                return time.monotonic() - began
            assert self.process.poll() is None, "it ended"
            time.sleep(0.05)
        raise AssertionError(f"it did not say {state} within {within_s} s")

    def workers(self) -> list[int]:
        """List the worker processes, oldest first."""
        of = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in of.read_text().split()]

    def get(self, path: str, *, timeout_s: float = 10.0) -> tuple[int, str]:
        """Open a page as a stranger."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        """Open a bare connection, to send what no browser would."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)


def free_port() -> int:
    """Find a port that nobody uses just now."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def write_settings(folder: Path, urls: Mapping[str, str], **web: str) -> Path:
    """Write a settings file; `web` are the keys of its [web] section."""
    (folder / "secret").touch(mode=0o600)
    (folder / "secret").write_text(SECRET)
    keys = {"secret_file": "secret", "workers": "2", "threads": "4", **web}
    lines = "\n".join(f"{key} = {value}" for key, value in keys.items() if value)
    path = folder / "poser.conf"
    path.write_text(
        "[poser]\nnode = store-1\nrole = store\nrelease = r1\n"
        f"[db]\nurl = {urls['poser']}\n[trainwreck]\nurl = {urls['trainwreck']}\n[web]\n{lines}\n"
    )
    return path


def start(settings: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the app as `python -m web.serve`."""
    put_in_place()
    compile_templates()
    clean = {k: v for k, v in os.environ.items() if k not in {"NOTIFY_SOCKET", "POSER_CONFIG"}}
    with log_of(settings).open("w") as log:
        return subprocess.Popen(
            command(settings), cwd=CHECKOUT, env={**clean, **environment}, stderr=log
        )


def compile_templates() -> None:
    """Have the templates compiled, as an installed release has them; at once where they are."""
    sources = sorted(
        (
            *FOLDER.glob("*.pt"),
            *PORTAL.glob("*.pt"),
            *STATIC.glob("*.*"),
            *BUILT.parent.rglob("*.*"),
            Path(rendering.__file__),
        )
    )
    content = b"".join(path.read_bytes() for path in sources)
    # Chameleon asks that the same packages are installed, too.
    whole = hashlib.sha256(content + sys.prefix.encode()).hexdigest()
    COMPILED.mkdir(exist_ok=True)
    with (COMPILED / ".whole").open("a+") as known:
        fcntl.flock(known, fcntl.LOCK_EX)
        known.seek(0)
        if known.read() != whole:
            program = [sys.executable, "-m", "web.rendering"]
            subprocess.run(program, cwd=CHECKOUT, check=True)
            known.truncate(0)
            known.write(whole)


def command(settings: Path) -> list[str]:
    """Give the command that starts the app."""
    return [sys.executable, "-m", "web.serve", "--config", str(settings)]


def log_of(settings: Path) -> Path:
    """Say where the app's standard error goes."""
    return settings.with_suffix(".log")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Tell a started app to stop, and see that it does."""
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(20)
    finally:
        process.kill()
        process.wait()


@contextmanager
def running(folder: Path, urls: Mapping[str, str], **web: str) -> Iterator[Running]:
    """Run the app until the block ends; it must then stop by itself when told to."""
    port = free_port()
    settings = write_settings(folder, urls, bind=f"127.0.0.1:{port}", **web)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(folder / "notify"))
        told.settimeout(0)
        process = start(settings, {"NOTIFY_SOCKET": str(folder / "notify")})
        app = Running(process=process, port=port, told=told)
        try:
            app.wait_for("READY=1", within_s=STARTS_WITHIN_S)
            yield app
        finally:
            stop(process)
