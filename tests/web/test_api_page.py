# SPDX-License-Identifier: Apache-2.0
"""The page docs/howto/api.md works: its commands answer, from a node that runs, what it says."""

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from poser.auth import Caller
from poser.auth.tokens import add_token
from poser.clock import utc_now
from poser.db import transaction
from tests.support.postgresql import Server
from tests.web.factories import add_person
from tests.web.running import CHECKOUT, Running, running

PAGE = CHECKOUT / "docs" / "howto" / "api.md"
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "-- the end of block {} --"


@pytest.fixture
def node(postgresql: Server, templates: dict[str, str], tmp_path: Path) -> Iterator[Running]:
    """Run a node's web app, and write the token of somebody who may do everything."""
    urls = {kind: postgresql.url(postgresql.create(name)) for kind, name in templates.items()}
    engine = create_engine(urls["poser"])
    with transaction(engine) as session:
        token = add_token(
            session,
            add_person(session, "ada", admin=True),
            description="curl",
            scopes=("*",),
            lasts=timedelta(days=1),
            caller=Caller(address=None, now=utc_now()),
        )
    engine.dispose()
    (tmp_path / "token").write_text(f"{token}\n")
    with running(tmp_path, urls) as started:
        yield started


def test_every_command_answers_what_the_page_says(node: Running, tmp_path: Path) -> None:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    script = [
        f"{text}\necho '{END.format(number)}'" for number, (kind, text) in enumerate(blocks)
        if kind == "sh"
    ]  # fmt: skip
    done = subprocess.run(
        ["bash", "-eu", "-c", "\n".join(script)],
        cwd=tmp_path,
        env=os.environ | {"NODE": f"http://127.0.0.1:{node.port}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout
    checked = 0
    for number, (kind, asked) in enumerate(blocks):
        if kind != "sh":
            continue
        answer, _end, said = said.partition(END.format(number))
        if number + 1 < len(blocks) and blocks[number + 1][0] == "text":
            expected = re.escape(blocks[number + 1][1].strip()).replace(r"\.\.\.", ".*")
            assert re.fullmatch(expected, answer.strip()), f"{asked}\nsaid\n{answer}"
            checked += 1
    assert checked == 7
