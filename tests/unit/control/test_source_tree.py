# SPDX-License-Identifier: Apache-2.0
"""The fingerprint of the sources: any change shows, and nothing is read twice."""

import json
import os
import time
from pathlib import Path

import pytest

from control import source_tree

PARTS = ("pyproject.toml", "poser")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "poser" / "db").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[project]\n")
    (root / "poser" / "__init__.py").write_text("")
    (root / "poser" / "db" / "base.py").write_text("x = 1\n")
    return root


def fingerprint(tree: Path) -> str:
    return source_tree.fingerprint(tree, tree.parent / "index.json", PARTS)


def make_old(tree: Path) -> None:
    """Pretend that everything was written long before it was looked at."""
    index = tree.parent / "index.json"
    stored = json.loads(index.read_text())
    for fields in stored["files"].values():
        fields[4] += 10_000_000_000
    index.write_text(json.dumps(stored))


def test_the_same_tree_has_the_same_fingerprint(tree: Path) -> None:
    first = fingerprint(tree)
    assert fingerprint(tree) == first
    (tree.parent / "index.json").unlink()
    assert fingerprint(tree) == first


@pytest.mark.parametrize("change", ["content", "name", "new", "gone"])
def test_every_change_shows(tree: Path, change: str) -> None:
    first = fingerprint(tree)
    base = tree / "poser" / "db" / "base.py"
    if change == "content":
        base.write_text("x = 2\n")
    elif change == "name":
        base.rename(base.with_name("other.py"))
    elif change == "new":
        base.with_name("empty.sql").write_text("")
    else:
        base.unlink()
    assert fingerprint(tree) != first


def test_a_change_of_the_same_length_and_time_shows(tree: Path) -> None:
    base = tree / "poser" / "db" / "base.py"
    first = fingerprint(tree)
    times = base.stat()
    base.write_text("x = 3\n")
    os.utime(base, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert fingerprint(tree) != first


def test_what_is_no_source_does_not_count(tree: Path) -> None:
    first = fingerprint(tree)
    (tree / "poser" / "__pycache__").mkdir()
    (tree / "poser" / "__pycache__" / "base.pyc").write_text("compiled")
    (tree / "poser" / ".base.py.swp").write_text("an editor's")
    (tree / "unrelated.txt").write_text("")
    assert fingerprint(tree) == first


def test_files_that_are_known_are_not_read_again(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fingerprint(tree)
    make_old(tree)
    read: list[str] = []
    looked = source_tree._look

    def counting(path: str, *args: object) -> object:
        seen = looked(path, *args)
        if seen is not args[1]:
            read.append(path)
        return seen

    monkeypatch.setattr(source_tree, "_look", counting)
    assert fingerprint(tree) == first
    assert read == []
    (tree / "poser" / "__init__.py").write_text("#\n")
    fingerprint(tree)
    assert read == [f"{tree}/poser/__init__.py"]


def test_a_file_written_just_now_is_read_again_until_it_is_old(tree: Path) -> None:
    fingerprint(tree)
    stored = json.loads((tree.parent / "index.json").read_text())["files"]
    seen = source_tree._Seen(*stored["pyproject.toml"])
    assert time.time_ns() - seen.modified_ns < 2_000_000_000
    assert not seen.still_fits((tree / "pyproject.toml").stat())


@pytest.mark.parametrize("damage", ["", "{", '{"format": 0}', '{"format": 1, "files": {"a": [1]}}'])
def test_a_damaged_index_only_costs_time(tree: Path, damage: str) -> None:
    first = fingerprint(tree)
    (tree.parent / "index.json").write_text(damage)
    assert fingerprint(tree) == first
