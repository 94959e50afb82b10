# SPDX-License-Identifier: Apache-2.0
"""A snapshot that is cut off at any point is ended by the next run, and loses nothing."""

from pathlib import Path

import pytest

from control.lab import book as book_module
from control.lab import snapshots
from control.lab.book import LabFolder, MachineBook
from control.lab.snapshots import delete_snapshot, finish_snapshot, layers_of, take_snapshot
from poser.errors import ConfigError, PoserError


class Cut(Exception):  # noqa: N818 - what happened to the process
    """The process was killed here."""


class Killer:
    """Lets `allowed` steps happen, then stops: a step is a rename or a file that is written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, allowed: int) -> None:
        self.left = allowed
        rename, write = Path.rename, book_module.write_json

        def counted_rename(path: Path, target: Path) -> Path:
            self.step()
            return rename(path, target)

        def counted_write(path: Path, values: dict[str, object]) -> None:
            self.step()
            write(path, values)

        monkeypatch.setattr(Path, "rename", counted_rename)
        for module in (book_module, snapshots):
            monkeypatch.setattr(module, "write_json", counted_write)

    def step(self) -> None:
        if self.left == 0:
            raise Cut
        self.left -= 1


@pytest.fixture
def folder(tmp_path: Path) -> LabFolder:
    """Return a lab with one machine that is down and wrote one file."""
    made = LabFolder(path=tmp_path / "lab")
    machine = made.machine("a")
    machine.disk.upper.mkdir(parents=True)
    (machine.disk.upper / "written").write_text("kept")
    machine.save(MachineBook(layers=(Path("/base"),), machine_id="0" * 32, is_named=True))
    return made


def test_a_snapshot_becomes_a_layer_of_the_machine_it_was_taken_of(folder: LabFolder) -> None:
    take_snapshot(folder, "a", "s")
    upper = folder.snapshot("s") / "upper"
    assert (upper / "written").read_text() == "kept"
    assert layers_of(folder, "s") == (upper, Path("/base"))
    book = folder.machine("a").load()
    assert book is not None
    assert (book.layers, book.snapshot) == ((upper, Path("/base")), "")
    assert not folder.machine("a").disk.upper.exists(), "the machine goes on with an empty one"


@pytest.mark.parametrize("allowed", range(4))
def test_a_snapshot_that_was_cut_off_is_ended_later(
    folder: LabFolder, monkeypatch: pytest.MonkeyPatch, allowed: int
) -> None:
    with monkeypatch.context() as patched:
        killer = Killer(patched, allowed)
        with pytest.raises(Cut):
            take_snapshot(folder, "a", "s")
        assert killer.left == 0
    finish_snapshot(folder, "a")
    if allowed == 0:  # nothing was begun
        take_snapshot(folder, "a", "s")
    layers = (folder.snapshot("s") / "upper", Path("/base"))
    assert (layers[0] / "written").read_text() == "kept"
    assert layers_of(folder, "s") == layers
    book = folder.machine("a").load()
    assert book is not None
    assert (book.layers, book.snapshot) == (layers, "")


def test_a_name_is_given_once(folder: LabFolder) -> None:
    take_snapshot(folder, "a", "s")
    with pytest.raises(ConfigError, match="has a snapshot s already"):
        take_snapshot(folder, "a", "s")


def test_a_machine_that_was_never_built_has_none(folder: LabFolder) -> None:
    with pytest.raises(ConfigError, match="b was never built"):
        take_snapshot(folder, "b", "s")


def test_an_unknown_snapshot_is_named_with_those_there_are(folder: LabFolder) -> None:
    with pytest.raises(ConfigError, match="no snapshot 't'") as unknown:
        layers_of(folder, "t")
    assert unknown.value.hint == "it has none"
    take_snapshot(folder, "a", "s")
    with pytest.raises(ConfigError) as unknown:
        layers_of(folder, "t")
    assert unknown.value.hint == "it has s"


def test_a_snapshot_is_deleted_unless_a_machine_stands_on_it(folder: LabFolder) -> None:
    take_snapshot(folder, "a", "s")
    upper = folder.snapshot("s") / "upper"
    with pytest.raises(PoserError, match="machines stand on the snapshot s"):
        delete_snapshot(folder, "s", {upper})
    delete_snapshot(folder, "s", set())
    assert not folder.snapshot("s").exists()
