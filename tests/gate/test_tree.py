# SPDX-License-Identifier: Apache-2.0
"""What every file of the repository keeps to."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = (
    "roles", "images", "poser", "tempmon_client", "web", "migrations", "inventory", "fabfile.py",
    "Vagrantfile", "tests", "bin/fab", "bin/test", "README.md", "LICENSE", "CONTRIBUTING.md",
    ".ci/run",
)  # fmt: skip
# Spelled so that this file does not match itself.
REGISTRIES = re.compile(
    r"\b(?:deb|security|ftp|archive|files|registry)\.(?:[a-z0-9-]+\.)*"
    r"(?:debian|python" + r"hosted|npm" + r"js)\.(?:org|com|net)\b|\bpypi\." + r"org\b"
)
HOME_PATHS = re.compile(r"/(?:work|farm)/(?:main|shared|steering)\b|/home/[a-z]+/|\bbash_" + "jobs")


@cache
def tracked() -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return tuple(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data[:4096]:
            found.append((path, data.decode()))
    return found


def test_the_top_level_tells_what_is_where() -> None:
    missing = [name for name in TOP_LEVEL if not (ROOT / name).exists()]
    assert not missing


def test_every_source_file_names_its_licence_first() -> None:
    wrong = []
    for path, text in texts():
        if path.suffix in {".py", ".sh"} or path.parent.name == "bin":
            head = text.splitlines()[:2]
            if not any("SPDX-License-Identifier: Apache-2.0" in line for line in head):
                wrong.append(str(path.relative_to(ROOT)))
    assert not wrong


@pytest.mark.parametrize(
    ("what", "pattern"), [("package registry or mirror", REGISTRIES), ("home path", HOME_PATHS)]
)
def test_no_file_names_a(what: str, pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, f"names a {what}"


def test_no_tracked_file_is_large() -> None:
    large = [str(p.relative_to(ROOT)) for p in tracked() if p.stat().st_size > 1_000_000]
    assert not large


def test_every_locked_requirement_has_a_hash() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert locks
    for lock in locks:
        entries = [e for e in re.split(r"\n(?=[a-zA-Z0-9])", lock.read_text()) if "==" in e]
        bare = [e.splitlines()[0] for e in entries if "--hash=sha256:" not in e]
        assert entries, lock.name
        assert not bare, lock.name


def test_nothing_that_shipped_was_left_half_done() -> None:
    left = re.compile(r"NotImplemented" + r"Error|#\s*(TODO|FIX" + r"ME|XXX)\b(?!.*#\d)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path, text in texts()
        if path.suffix == ".py"
        for number, line in enumerate(text.splitlines(), 1)
        if left.search(line)
    ]
    assert not found
