# SPDX-License-Identifier: Apache-2.0
"""The page docs/howto/datasync.md is true: its commands answer on nodes what it says."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine

from poser.config import load
from poser.datasync.client import NoAnswer
from poser.datasync.dialling import dialled
from tests.support.daemons import Running, free_port, served
from tests.support.nodes import Chain

pytestmark = pytest.mark.postgresql

CHECKOUT = Path(__file__).resolve().parents[3]
PAGE = CHECKOUT / "docs" / "howto" / "datasync.md"
BLOCK = re.compile(
    r"^<!-- on (\S+) -->\n```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL
)
AS_TYPED = f"""\
poser() {{ {sys.executable} -m poser.cli "$@"; }}
sudo() {{ "$@"; }}
"""
A, B, C, D = (f"0190aaaa-0000-7000-8000-00000000000{n}" for n in "abcd")


def trouble(chain: Chain) -> None:
    """Let there be something of each kind that the page is about."""
    host, store = chain.host, chain["store-1"]
    # A brand that the store has under another id, of which datasync was not told.
    store.run("INSERT INTO brands (id, name) VALUES (:id, 'Acme'); DELETE FROM capture", id=B)
    host.run("INSERT INTO brands (id, name) VALUES (:id, 'Acme')", id=A)
    # A customer whom both change, and about whom a person decides.
    host.run("INSERT INTO customers (id, number, name) VALUES (:id, '1', 'Kim')", id=C)
    chain.settle()
    host.run("UPDATE customers SET name = 'Kim Lee'")
    store.run("UPDATE customers SET name = 'Kim Li'")
    chain.settle()
    host.run("UPDATE datasync_conflicts SET is_open = true, id = :id", id=D)
    store.run("UPDATE datasync_parked SET id = :id, tries = 8, next_try_at = NULL", id=D)
    # And two changes that only one of the stores has.
    host.run("INSERT INTO brands (name) VALUES ('Bolt'), ('Cord')")
    chain.down(store)


def line_is_down(chain: Chain, made: Running, sales: Engine) -> None:
    """Let store 2 find out that nobody answers."""
    store = chain["store-2"]
    config = made.configure(store, sales, host_url=f"https://127.0.0.1:{free_port()}")
    with suppress(NoAnswer), dialled(store.engine, load([config])) as line:
        line.hello({})


@pytest.fixture
def made(chain: Chain, sales: tuple[Engine, Engine], tmp_path: Path) -> Iterator[Running]:
    trouble(chain)
    stores = (chain["store-1"], chain["store-2"])
    with served(tmp_path, chain.host, sales[0], *stores) as found:
        line_is_down(chain, found, sales[1])
        found.configure(stores[0], sales[1], host_url=f"https://127.0.0.1:{found.port}")
        yield found


def test_every_command_answers_what_the_page_says(made: Running) -> None:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) >= 10
    for node, typed, asked in blocks:
        done = subprocess.run(
            ["bash", "-u", "-c", AS_TYPED + typed],
            cwd=CHECKOUT,
            env=os.environ | {"POSER_CONFIG": str(made.folder / f"{node}.conf")},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        said = f"{node}$ {typed}{done.stdout}{done.stderr}"
        assert "error:" not in done.stderr, said
        assert "Traceback" not in done.stderr, said
        expected = re.escape(asked.strip()).replace(r"\.\.\.", ".*?")
        assert re.fullmatch(expected, done.stdout.strip(), re.DOTALL), said
