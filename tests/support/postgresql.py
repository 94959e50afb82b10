# SPDX-License-Identifier: Apache-2.0
"""A throw-away PostgreSQL server for tests, and a fresh database for every test.

The server is made with `initdb` in a temporary folder, listens on a unix socket only,
and is stopped and deleted at the end of the run. Each process of a parallel run makes
its own. A database is a clone of one that was migrated once: hundreds of files, so the
folder is in memory where there is room.
"""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import psycopg2
import psycopg2.extensions
import pytest
from sqlalchemy import Engine

from poser.databases import DATABASES
from poser.db import engine

PROGRAMS = Path("/usr/lib/postgresql")
MEMORY = Path("/dev/shm")  # what POSIX promises to be there for files in memory
ROOM = 3 << 30
"""How many bytes must be free in memory; one server takes a few hundred MiB."""
NAME = "poser-test-"
APPLICATION, OWNER = "poser", "poser_owner"
"""The roles of the database server, as on a node."""
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "''",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",  # is deleted with the folder
    "autovacuum": "off",
    "log_min_messages": "fatal",
}


@dataclass(kw_only=True)
class Server:
    """A running server: where its socket is, and databases on it."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str, user: str = APPLICATION) -> str:
        """Write the address of a database for SQLAlchemy, as the application connects."""
        return f"postgresql+psycopg2://{user}@/{database}?host={self.folder}"

    def owner_url(self, database: str) -> str:
        """Write the address of a database as migrations connect."""
        return self.url(database, OWNER)

    def connect(
        self, database: str, program: str = "a test", user: str = APPLICATION
    ) -> psycopg2.extensions.connection:
        """Connect as another program would."""
        return psycopg2.connect(
            host=str(self.folder), dbname=database, user=user, application_name=program
        )

    def execute(self, statement: str) -> None:
        """Run a statement outside any transaction, as the superuser."""
        connection = self.connect("postgres", user="postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def create(self, template: str = "template0") -> str:
        """Create a database, a clone of `template`, and return its name."""
        name = f"test_{next(self.numbers)}"
        made = f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template} STRATEGY FILE_COPY"
        self.execute(made)
        return name

    def end_connections(self, name: str) -> None:
        """Do what a crash of the server does to everything connected to a database."""
        statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        self.execute(f"{statement} '{name}'")

    def drop(self, name: str) -> None:
        """Drop a database, ending whatever is connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _programs() -> Path:
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not found:
        pytest.fail("no PostgreSQL server programs; on Debian: apt-get install postgresql")
    return found[-1].parent


def _place(memory: Path) -> Path:
    """Choose where servers are: in memory, or where temporary files are if that is scarce."""
    found = re.search(r"^MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    if not found or int(found[1]) << 10 < ROOM or not os.access(memory, os.W_OK):
        return Path(tempfile.gettempdir())
    there = os.statvfs(memory)
    has_room = there.f_bavail * there.f_frsize >= ROOM
    return memory if has_room else Path(tempfile.gettempdir())


def _clear(place: Path, programs: Path) -> None:
    """Remove the servers of test runs that were killed."""
    for folder in place.glob(f"{NAME}*-*"):
        owner = folder.name.removeprefix(NAME).partition("-")[0]
        if owner.isdecimal() and not Path(f"/proc/{owner}").exists():
            somebody = _as_somebody(folder)
            subprocess.run(  # type: ignore[call-overload]
                (str(programs / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop"),
                cwd=folder, capture_output=True, check=False, timeout=60, **somebody,
            )  # fmt: skip
            shutil.rmtree(folder, ignore_errors=True)


def _as_somebody(folder: Path) -> dict[str, object]:
    """Return how to run a program so that PostgreSQL accepts it: never as root."""
    if os.geteuid() != 0:
        return {}
    names = {user.pw_name for user in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    shutil.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Run a PostgreSQL server for this test run."""
    place = _place(MEMORY)
    _clear(place, _programs())
    folder = Path(tempfile.mkdtemp(prefix=f"{NAME}{os.getpid()}-", dir=place))
    data = folder / "data"
    somebody = _as_somebody(folder)
    try:
        _run(
            somebody, folder, "initdb", "-D", data, "-U", "postgres", "-A", "trust",
            "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        )  # fmt: skip
        with _started(somebody, data):
            server = Server(folder=folder)
            for user in (OWNER, APPLICATION):
                server.execute(f"CREATE ROLE {user} LOGIN")
            yield server
    finally:
        shutil.rmtree(folder)


@contextmanager
def replica(server: Server) -> Iterator[tuple[Server, Callable[[], None]]]:
    """Run a streaming replica of a server; gives it, and a function by which it takes over."""
    folder = server.folder / "replica"
    folder.mkdir()
    somebody, data = _as_somebody(folder), folder / "data"
    try:
        _run(
            somebody, folder, "pg_basebackup", "-h", server.folder, "-U", "postgres",
            "-D", data, "-R", "-c", "fast", "--no-sync",
        )  # fmt: skip
        with _started(somebody, data):
            promote = partial(_run, somebody, folder, "pg_ctl", "-D", data, "-w", "promote")
            yield Server(folder=folder), promote
    finally:
        shutil.rmtree(folder)


@contextmanager
def _started(somebody: Mapping[str, object], data: Path) -> Iterator[None]:
    folder = data.parent
    settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    options = ("-l", folder / "log", "-o", f"-k {folder} {settings}")
    _run(somebody, folder, "pg_ctl", "-D", data, "-w", *options, "start")
    try:
        yield
    finally:
        _run(somebody, folder, "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def _run(somebody: Mapping[str, object], folder: Path, program: str, *words: str | Path) -> None:
    """Run a program of PostgreSQL; the test fails when it does."""
    command = [_programs() / program, *words]
    done = subprocess.run(  # type: ignore[call-overload]
        command, cwd=folder, capture_output=True, check=False, text=True, timeout=120, **somebody
    )
    if done.returncode:
        pytest.fail(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")


@pytest.fixture(scope="session")
def templates(postgresql: Server) -> dict[str, str]:
    """Make one migrated database of each kind, to be cloned."""
    from poser.db.migrations import upgrade  # noqa: PLC0415 - slow, and few tests need it

    names = {}
    for database in DATABASES:
        names[database] = postgresql.create()
        upgrade(database, postgresql.owner_url(names[database]))
    return names


@pytest.fixture
def new_database(
    postgresql: Server, templates: dict[str, str]
) -> Iterator[Callable[[str], Engine]]:
    """Give a function that makes a fresh database: `poser`, `trainwreck` or `tempmon`."""
    made: list[tuple[str, Engine]] = []

    def make(database: str) -> Engine:
        name = postgresql.create(templates[database])
        made.append((name, engine(postgresql.url(name))))
        return made[-1][1]

    yield make
    for name, connected in made:
        connected.dispose()
        postgresql.drop(name)


@pytest.fixture
def poser_db(new_database: Callable[[str], Engine]) -> Engine:
    """Give a fresh, migrated `poser` database."""
    return new_database("poser")


@pytest.fixture
def trainwreck_db(new_database: Callable[[str], Engine]) -> Engine:
    """Give a fresh, migrated `trainwreck` database."""
    return new_database("trainwreck")


@pytest.fixture
def tempmon_db(new_database: Callable[[str], Engine]) -> Engine:
    """Give a fresh, migrated `tempmon` database."""
    return new_database("tempmon")
