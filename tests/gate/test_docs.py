# SPDX-License-Identifier: Apache-2.0
"""The documentation promises only what is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from control.commandline import FOLDERS

ROOT = Path(__file__).resolve().parents[2]
EXTENSIONS = ("coop", "northwind", "chinook")  # their commands are in the documentation, too
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"),
     *(ROOT / "bench").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
)  # fmt: skip
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)")
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


@cache
def output_of(*command: str) -> str:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": ":".join(map(str, (ROOT, *(ROOT / "examples" / x for x in EXTENSIONS)))),
    }
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def commands(page: Path) -> list[str]:
    """All command lines in a page's code blocks, continuation lines joined."""
    lines: list[str] = []
    for block in BLOCK.findall(page.read_text()):
        lines += [line.strip().removeprefix("$ ") for line in block.replace("\\\n", "").split("\n")]
    shown = [re.split(r"\s+#\s", line)[0] for line in lines if line and not line.startswith("#")]
    return [re.sub(r"^(export )?[A-Z_]+=\S+\s*", "", line) for line in shown]


@cache
def settings_file() -> str:
    """Write settings that name all the examples; returns their path."""
    path = Path(mkdtemp()) / "poser.conf"
    names = " ".join(f"poser_{x}" for x in EXTENSIONS)
    path.write_text(f"[poser]\nextensions = {names}\n")
    return str(path)


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert not dead


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_command_shown_exists(page: Path) -> None:
    for line in commands(page):
        words = line.split()
        if not words:
            continue
        if words[0] == "bin/fab" and len(words) > 1 and not words[1].startswith("-"):
            listed = re.findall(r"^\s{2}([a-z][\w.-]*)", output_of("fab", "--list"), re.MULTILINE)
            assert (".".join(words[1:3]) if words[1] in FOLDERS else words[1]) in listed, line
        elif words[0] == "poser":
            check_poser(words[1:], line)
        elif words[0].startswith(("bin/", "./")):
            assert (ROOT / words[0]).exists(), line


def check_poser(words: list[str], line: str) -> None:
    """Every sub-command in a line must appear in the help of the one before it."""
    path: list[str] = []
    for word in words:
        if not re.fullmatch(r"[a-z][a-z-]+", word):
            break
        settings = ("-c", settings_file())
        help_text = output_of(sys.executable, "-m", "poser.cli", *settings, *path, "--help")
        if "Commands:" not in help_text:
            break
        assert re.search(rf"^  {word}\b", help_text.split("Commands:")[1], re.MULTILINE), line
        path.append(word)


def test_every_decision_says_what_was_given_up() -> None:
    for page in sorted((ROOT / "docs/decisions").glob("[0-9]*.md")):
        text = page.read_text()
        for part in ("**Context.**", "**Choice.**", "**What we gave up.**", "**How we would"):
            assert part in text, f"{page.name} lacks {part}"
