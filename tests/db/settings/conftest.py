# SPDX-License-Identifier: Apache-2.0
"""A node with an empty table of settings, and a process of its own that follows it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.cli.app import run
from poser.config import Config, load
from poser.settings import Live
from tests.support.postgresql import Server

CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Node:
    """A database with its address, a settings file, and the settings read from it."""

    server: Server
    engine: Engine
    path: Path

    @property
    def url(self) -> str:
        return self.engine.url.render_as_string(hide_password=False)

    def config(self, *lines: str) -> Config:
        """Read the settings anew, with more lines in the file."""
        head = ["[db]", f"url = {self.url}"]
        self.path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
        return load([self.path], environment={})

    def write(self, statement: str, **values: str) -> None:
        """Change rows as psql would."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def put(self, name: str, value: str) -> None:
        """Write a row for everybody."""
        self.write(
            "DELETE FROM settings WHERE name = :name AND user_role_id IS NULL;"
            " INSERT INTO settings (name, value) VALUES (:name, :value)",
            name=name,
            value=value,
        )


@pytest.fixture
def node(poser_db: Engine, postgresql: Server, tmp_path: Path) -> Node:
    """Make a node."""
    made = Node(server=postgresql, engine=poser_db, path=tmp_path / "poser.conf")
    made.config()
    return made


@pytest.fixture
def live(node: Node) -> Iterator[Callable[[Config], Live]]:
    """Give a function that begins to follow the database, until the end of the test."""
    started: list[Live] = []

    def start(config: Config) -> Live:
        following = Live(config, node.url, application="a test")
        started.append(following)
        following.start()
        assert following.wait(10)
        return following

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def poser(node: Node) -> Callable[..., int]:
    """Give a function that runs `poser` with words behind it."""

    def type_in(*words: str) -> int:
        return run(["-c", str(node.path), *words])

    return type_in


def until(is_so: Callable[[], bool], within_s: float) -> float:
    """Wait until something is so; returns the seconds that took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < within_s, f"not so within {within_s} s"
        time.sleep(0.005)
    return time.monotonic() - began


# Another process: says the number of workers whenever it changes, and how often it asked.
FOLLOWER = """
import sys, time
from pathlib import Path
from poser.config import load
from poser.settings import Live
from web.settings import WORKERS
config = load([Path(sys.argv[1])], environment={})
live = Live(config, sys.argv[2], application="another process")
live.start()
assert live.wait(10)
last = None
while True:
    now = WORKERS(config)
    if now != last:
        print(now, flush=True)
        last = now
    time.sleep(0.005)
"""


@pytest.fixture
def follower(node: Node) -> Iterator["subprocess.Popen[str]"]:
    """Run another process that follows the settings and writes what it sees."""
    process = subprocess.Popen(
        [sys.executable, "-c", FOLLOWER, str(node.path), node.url],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
