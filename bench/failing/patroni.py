# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL kept twice by Patroni, as Debian has it, with etcd: all on the loopback address.

Patroni's times are its own defaults: a leader that says nothing for 30 s has lost its office. One
etcd is enough here because nobody cuts its power.
"""

import http.client
import json
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure.cluster import OWNER, as_owner, free_port, programs
from poser.errors import PoserError

PATIENCE_S = 600.0


def eventually(what: Callable[[], object], why: str, within_s: float = PATIENCE_S) -> None:
    """Wait until something holds; raises PoserError that says what did not come true."""
    give_up = time.monotonic() + within_s
    while not what():
        if time.monotonic() > give_up:
            raise PoserError(f"after {within_s:g} s {why}", hint="its logs are in the folder")
        time.sleep(0.1)


@dataclass(slots=True)
class Member:
    """One of the two: a PostgreSQL server and the Patroni that looks after it."""

    name: str
    folder: Path
    etcd: int
    port: int = field(default_factory=free_port)
    rest: int = field(default_factory=free_port)
    _patroni: subprocess.Popen[bytes] | None = None

    def start(self, *, is_synchronous: bool) -> None:
        """Start Patroni, which makes a server or a replica, or heals the one that is there."""
        path = self.folder / f"{self.name}.json"  # YAML reads JSON
        path.write_text(json.dumps(self._settings(is_synchronous=is_synchronous)))
        self._patroni = _start(["patroni", path], self.folder / f"{self.name}.log")

    def status(self, path: str = "/patroni") -> int:
        """Ask Patroni: 200 from /primary when it leads, from /replica when it follows."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.rest, timeout=5)) as line:
            try:
                line.request("GET", path)
                return line.getresponse().status
            except OSError:
                return 0

    def cut(self) -> None:
        """Cut its power: Patroni and PostgreSQL are gone from one moment to the next."""
        server = self.server
        assert self._patroni is not None
        self._patroni.kill()
        os.kill(server, signal.SIGKILL)
        self._patroni.wait()

    @property
    def server(self) -> int:
        """The process of PostgreSQL."""
        return int((self.folder / self.name / "postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        """End both in an orderly way."""
        if self._patroni is not None and self._patroni.poll() is None:
            self._patroni.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._patroni.wait(60)

    def _settings(self, *, is_synchronous: bool) -> dict[str, object]:
        here = f"127.0.0.1:{self.port}"
        everybody = ["local all all trust", "host all all 127.0.0.1/32 trust"]
        return {
            "scope": "bench",
            "name": self.name,
            "restapi": {
                "listen": f"127.0.0.1:{self.rest}",
                "connect_address": f"127.0.0.1:{self.rest}",
            },
            "etcd3": {"host": f"127.0.0.1:{self.etcd}"},
            "bootstrap": {
                "dcs": {
                    "synchronous_mode": is_synchronous,
                    "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 100}},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
            },
            "postgresql": {
                "listen": here,
                "connect_address": here,
                "data_dir": str(self.folder / self.name),
                "bin_dir": str(programs()),
                "pgpass": str(self.folder / f"{self.name}.pgpass"),
                "pg_hba": [*everybody, "host replication all 127.0.0.1/32 trust"],
                "parameters": {
                    "unix_socket_directories": str(self.folder),
                    "shared_buffers": "256MB",
                },
                "authentication": {
                    who: {"username": OWNER} for who in ("superuser", "replication", "rewind")
                },
            },
        }


@dataclass(slots=True)
class Twice:
    """A database server that is there twice."""

    members: list[Member]
    is_synchronous: bool

    @property
    def leader(self) -> Member:
        """The one that takes writes; raises PoserError when there is none."""
        found = [one for one in self.members if one.status("/primary") == http.client.OK]
        if len(found) != 1:
            raise PoserError(f"{len(found)} members lead", hint="look at Patroni's logs")
        return found[0]

    @property
    def replica(self) -> Member:
        """The other one."""
        leader = self.leader
        return next(one for one in self.members if one is not leader)

    def url(self, database: str) -> str:
        """Return the address for SQLAlchemy: whichever of the two takes writes."""
        hosts = "&".join(f"host=127.0.0.1:{one.port}" for one in self.members)
        attributes = "target_session_attrs=read-write"
        return f"postgresql+psycopg2://{OWNER}@/{database}?{hosts}&{attributes}"

    def dsn(self, database: str) -> str:
        """Return the same address for psycopg2."""
        ports = ",".join(str(one.port) for one in self.members)
        return (
            f"host=127.0.0.1,127.0.0.1 port={ports} user={OWNER} dbname={database}"
            " target_session_attrs=read-write connect_timeout=2"
        )

    def wait_until_whole(self) -> None:
        """Wait until one leads and the other follows it, in step where that is wanted."""
        follows = "/synchronous" if self.is_synchronous else "/replica"
        ok = http.client.OK

        def is_whole() -> bool:
            states = [
                (one.status("/primary") == ok, one.status(follows) == ok) for one in self.members
            ]
            return sorted(states) == [(False, True), (True, False)]

        eventually(is_whole, "the two are not leader and replica")


@contextmanager
def twice(folder: Path, *, is_synchronous: bool) -> Iterator[Twice]:
    """Run etcd and two members."""
    owner = pwd.getpwnam(OWNER)
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    port, peers = free_port(), free_port()
    asked, among = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peers}"
    words = ["--name", "etcd", "--data-dir", folder / "etcd", "--listen-client-urls", asked]
    words += ["--advertise-client-urls", asked, "--listen-peer-urls", among]
    words += ["--initial-advertise-peer-urls", among, "--initial-cluster", f"etcd={among}"]
    etcd = _start(["etcd", *words], folder / "etcd.log")
    pair = Twice([Member(name, folder, port) for name in ("one", "two")], is_synchronous)
    try:
        pair.members[0].start(is_synchronous=is_synchronous)
        eventually(lambda: pair.members[0].status("/primary") == http.client.OK, "nobody leads")
        pair.members[1].start(is_synchronous=is_synchronous)
        pair.wait_until_whole()
        yield pair
    finally:
        for one in reversed(pair.members):
            one.stop()
        etcd.terminate()
        etcd.wait()


def _start(command: list[str | Path], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            as_owner(command),
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
