# SPDX-License-Identifier: Apache-2.0
"""A throw-away PostgreSQL server of the bench's own, on the loopback address only.

PostgreSQL refuses to run as root: then it runs as the system user `postgres`, and its files
lie outside the checkout, in a folder which that user may reach.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import psycopg2.extensions

from poser.errors import PoserError

PROGRAMS = Path("/usr/lib/postgresql")
OWNER = "postgres"
START_S = 60.0
STOP_S = 60.0


def free_port() -> int:
    """Return a TCP port on the loopback address that nothing uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def programs() -> Path:
    """Return the folder with the newest PostgreSQL server of this computer."""
    found = [path.parent for path in PROGRAMS.glob("*/bin/postgres")]
    if not found:
        raise PoserError("no PostgreSQL server was found", hint="apt-get install postgresql")
    return max(found, key=lambda path: float(path.parent.name))


def version() -> str:
    """Return what the PostgreSQL server says it is, such as 17.11."""
    said = subprocess.run([programs() / "postgres", "-V"], capture_output=True, check=True)
    return said.stdout.decode().split()[2]


def as_owner(command: list[str | Path]) -> list[str | Path]:
    """Put in front of a command what is needed to run it as the owner of the server."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups", *command]


@dataclass(slots=True)
class Cluster:
    """One PostgreSQL cluster in `folder`; `settings` are the lines of its configuration."""

    folder: Path
    settings: Mapping[str, str]
    port: int = 0
    _server: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server wrote to its standard error."""
        return self.folder / "server.log"

    @property
    def pid(self) -> int:
        """The process id of the running server, parent of all its backends."""
        if self._server is None:
            raise PoserError("the PostgreSQL server of the bench does not run")
        return self._server.pid

    def url(self, database: str) -> str:
        """Return the address of a database for SQLAlchemy."""
        return f"postgresql+psycopg2://{OWNER}@127.0.0.1:{self.port}/{database}"

    def dsn(self, database: str) -> str:
        """Return the address of a database for psycopg2 and psql."""
        return f"host=127.0.0.1 port={self.port} user={OWNER} dbname={database}"

    def create(self) -> None:
        """Make an empty cluster; anything that was in the folder goes."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        if os.geteuid() == 0:
            owner = pwd.getpwnam(OWNER)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        options = ["-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run(
            as_owner([programs() / "initdb", "-D", self.data, *options]),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise PoserError(f"initdb failed in {self.folder}: {made.stderr.strip()}")

    def start(self) -> None:
        """Start the server and wait until it answers; raises PoserError when it does not."""
        self.port = free_port()
        fixed = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        options = [f"--{name}={value}" for name, value in {**self.settings, **fixed}.items()]
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                as_owner([programs() / "postgres", "-D", self.data, *options]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        give_up = time.monotonic() + START_S
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > give_up:
                self.stop()
                raise PoserError("PostgreSQL did not start", hint=f"see {self.log}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server in an orderly way; does nothing when it does not run."""
        if self._server is None:
            return
        self._server.send_signal(signal.SIGINT)  # ends sessions, writes a checkpoint, leaves
        try:
            self._server.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._server = None

    def connect(self, database: str = "postgres") -> psycopg2.extensions.connection:
        """Connect as the superuser; every statement commits by itself."""
        connection = psycopg2.connect(
            self.dsn(database), connect_timeout=5, application_name="bench"
        )
        connection.autocommit = True
        return connection

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements, each in a transaction of its own."""
        with closing(self.connect(database)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg2.OperationalError:
            return False
        return True
