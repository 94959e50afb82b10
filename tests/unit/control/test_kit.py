# SPDX-License-Identifier: Apache-2.0
"""The kit is known by its hash without packing, and Fabric starts without what nobody uses."""

import subprocess
import sys
from pathlib import Path

import pytest

from control import kit
from control.fab import only_what_we_use
from control.kit import Blobs
from control.paths import CHECKOUT
from control.release import BuiltRelease
from poser.machine import pack


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kit, "STATE", tmp_path)
    return tmp_path


def test_the_hash_is_that_of_the_packed_kit() -> None:
    assert kit.sha256() == pack.kit()[0]


def test_the_kit_is_not_packed_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = kit.sha256()
    monkeypatch.setattr(pack, "kit", lambda: pytest.fail("it was packed"))
    assert kit.sha256() == first


def test_a_changed_source_is_packed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    kit.sha256()
    monkeypatch.setattr(kit.source_tree, "fingerprint", lambda *_: "another")
    monkeypatch.setattr(pack, "kit", lambda: ("new", b""))
    assert kit.sha256() == "new"


def test_a_damaged_note_is_made_anew(own_state: Path) -> None:
    first = kit.sha256()
    (own_state / "kit.txt").write_text("damaged")
    assert kit.sha256() == first


def test_machines_get_the_kit_and_the_release_and_nothing_else(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.tar"
    bundle.write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    blobs = Blobs(BuiltRelease(id="1-e3b0", sha256=empty, path=bundle, heads={}))
    assert (blobs[pack.kit()[0]], blobs[empty]) == (pack.kit()[1], bundle)
    assert "feed" not in blobs
    with pytest.raises(KeyError):
        blobs["feed"]


def test_fabric_starts_whole_without_mocks_and_yaml() -> None:
    script = (
        "import sys; from control.fab import only_what_we_use\n"
        "with only_what_we_use():\n import fabric.main, paramiko\n"
        "assert not {'unittest.mock', 'importlib.metadata'} & set(sys.modules)\n"
        "from importlib import metadata\nimport invoke.config\n"
        "assert metadata.version('paramiko') == paramiko.__version__\n"
        "assert invoke.config.yaml.safe_load('a: 1') == {'a': 1}\n"
        "from unittest.mock import Mock; assert Mock is not object\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_modules_that_are_there_already_stay() -> None:
    from unittest import mock  # noqa: PLC0415

    with only_what_we_use():
        assert sys.modules["unittest.mock"] is mock
    assert sys.modules["unittest.mock"] is mock
