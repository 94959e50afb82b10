# SPDX-License-Identifier: Apache-2.0
"""The release before works on the schema as the `pre` revisions of this one leave it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from poser.databases import DATABASES
from poser.db.migrations import Phase, upgrade
from tests.support.browser import Browser
from tests.support.poslog import EXAMPLE
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql

ARCHIVE = Path(__file__).with_name("release.tar.xz")
STARTS_WITHIN_S = 40.0
PASSWORD = "a good long password"  # in databases that this test throws away
HAS = ("poser", "trainwreck")
"""The databases that the previous release knows."""


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack the code of the previous release; the test fails when it is not there."""
    if not archive.exists():
        pytest.fail(f"{archive} is missing: README.md beside it says how it is made")
    with tarfile.open(archive) as packed:
        packed.extractall(folder)  # noqa: S202 - our own, from this repository
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The previous release, unpacked, with settings for databases of this one."""

    tree: Path
    settings: Path
    port: int

    def command(self, *words: str) -> list[str]:
        """Return the command line that runs a module of it."""
        return [sys.executable, "-m", *words]

    @property
    def environment(self) -> Mapping[str, str]:
        """Return an environment in which its own code is found, and nothing of this checkout."""
        clean = {name: text for name, text in os.environ.items() if not name.startswith("POSER_")}
        return clean | {"PYTHONPATH": str(self.tree), "POSER_CONFIG": str(self.settings)}

    def poser(self, *words: str, stdin: str = "") -> str:
        """Run its command `poser` and return what it wrote."""
        done = subprocess.run(
            self.command("poser.cli", *words),
            cwd=self.tree,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"poser {' '.join(words)}: {done.stderr}"
        return done.stdout


@pytest.fixture
def previous(postgresql: Server, tmp_path: Path) -> Iterator[Previous]:
    """Give the previous release on databases after the first phase of this one's upgrade."""
    tree = tmp_path / "tree"
    tree.mkdir()
    unpack(ARCHIVE, tree)
    names = {database: postgresql.create() for database in DATABASES}
    for database, name in names.items():
        assert upgrade(database, postgresql.owner_url(name), Phase.PRE)
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = int(line.getsockname()[1])
    settings = tmp_path / "poser.conf"
    (tmp_path / "secret").write_text("0123456789abcdef" * 4)
    (tmp_path / "secret").chmod(0o600)
    sections = {
        "poser": "node = store-1\nrole = store\nrelease = previous",
        **{
            "db" if database == "poser" else database: f"url = {postgresql.url(names[database])}"
            for database in HAS
        },
        "web": f"bind = 127.0.0.1:{port}\nsecret_file = secret\nworkers = 1\nthreads = 2",
    }
    settings.write_text("".join(f"[{name}]\n{text}\n" for name, text in sections.items()))
    yield Previous(tree=tree, settings=settings, port=port)
    for name in names.values():
        postgresql.drop(name)


@pytest.fixture
def web(previous: Previous, tmp_path: Path) -> Iterator[Browser]:
    """Run its web app, and give a browser on it."""
    with (tmp_path / "web.log").open("w") as log:
        process = subprocess.Popen(
            previous.command("web.serve"), cwd=previous.tree, env=previous.environment, stderr=log
        )
    try:
        _wait_until_it_answers(process, previous.port, tmp_path / "web.log")
        yield Browser(f"127.0.0.1:{previous.port}", "")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        finally:
            process.kill()
            process.wait()


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    began = time.monotonic()
    while time.monotonic() - began < STARTS_WITHIN_S:
        assert process.poll() is None, f"it ended: {log.read_text()}"
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            connection.getresponse().read()
        except (OSError, HTTPException):
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
    pytest.fail(f"it did not answer within {STARTS_WITHIN_S} s: {log.read_text()}")


def test_its_daily_work_goes_on(previous: Previous, web: Browser) -> None:
    assert json.loads(web.get("/health", scheme="http").text)["status"] == "ok"

    said = previous.poser("import", "poslog", str(EXAMPLE))
    assert "51 POS transactions new (552 lines)" in said
    assert "386 products new" in said
    again = previous.poser("import", "poslog", str(EXAMPLE))
    assert "0 POS transactions new" in again
    assert again.endswith("nothing changed\n")

    previous.poser(
        *("user", "add", "anna", "--user-role", "Administrators", "--password-stdin"),
        stdin=f"{PASSWORD}\n",
    )
    door = web.get("/", scheme="http")
    home = web.submit(door, door.form_with("password"), name="anna", password=PASSWORD)
    assert not any("password" in form.fields for form in home.forms), home.text[:500]

    listed = web.get("/products", scheme="http")
    found = re.search(r'href="(/products/[0-9a-f-]{36})"', listed.text)
    assert found, listed.text[:500]
    record = web.get(found[1], scheme="http")
    assert record.status == 200
    # Not the end of an id, which may have no letter.
    code = re.search(r"(?<![\w-])\d{12,14}\b", record.text)
    assert code, "a product shows its GTIN"
    page = web.submit(home, home.form_with("q"), q=code[0])
    assert page.status == 200
    assert page.url.endswith(found[1]), "the code finds the product"
    assert web.get("/pos-transactions", scheme="http").status == 200


def test_a_missing_archive_fails_loudly(tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"none\.tar\.xz is missing"):
        unpack(tmp_path / "none.tar.xz", tmp_path)
