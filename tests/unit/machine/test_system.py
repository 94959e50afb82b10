# SPDX-License-Identifier: Apache-2.0
"""Programs and files on behalf of a resource: how they end, how they are cut off, how they fail."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from poser.errors import PoserError
from poser.machine import disk
from poser.machine.accounts import Accounts
from poser.machine.disk import Content
from poser.machine.peer import Cut, Peer
from poser.machine.process import CommandFailed
from poser.machine.secret import Secret
from poser.machine.system import System

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def line(tmp_path: Path) -> Iterator[tuple[Peer, int]]:
    """Make a peer and the other end of its standard input; closing that cuts the line."""
    there, here = os.pipe()
    with os.fdopen(there, "rb") as frames, (tmp_path / "events").open("wb") as out:
        yield Peer(frames, out.fileno()), here


@pytest.fixture
def system(line: tuple[Peer, int]) -> System:
    return System(line[0])


def test_a_program_that_succeeds_gives_its_words(system: System) -> None:
    result = system.run(("/bin/sh", "-c", "cat; echo oops >&2"), stdin=Secret("from stdin"))
    assert (result.rc, result.out, result.err) == (0, "from stdin", "oops\n")


def test_a_program_that_fails_is_quoted(system: System) -> None:
    with pytest.raises(CommandFailed) as caught:
        system.run(("/bin/sh", "-c", "echo working; echo broken >&2; exit 3"))
    assert "exit code 3" in caught.value.message
    assert caught.value.result.last_words == "working\nbroken"


def test_only_the_last_lines_of_a_long_complaint_are_kept(system: System) -> None:
    result = system.run(("/bin/sh", "-c", "seq 100 >&2; exit 1"), may_fail=True)
    assert result.last_words.splitlines() == [str(n) for n in range(81, 101)]


def test_a_program_that_is_not_there_is_named(system: System) -> None:
    with pytest.raises(CommandFailed, match="cannot start no-such-program"):
        system.run(("no-such-program",))


def test_a_program_ended_by_a_signal_says_which(system: System) -> None:
    assert system.run(("/bin/sh", "-c", "kill -9 $$"), may_fail=True).rc == 128 + 9


def test_a_daemon_that_keeps_its_output_open_keeps_nobody_waiting(system: System) -> None:
    began = time.monotonic()
    assert system.run(("/bin/sh", "-c", "sleep 20 & echo started $!")).out.startswith("started")
    assert time.monotonic() - began < 5


def test_much_input_and_output_do_not_block_each_other(system: System) -> None:
    text = "x" * 3_000_000
    assert system.run(("cat",), stdin=text).out == text


def test_a_cut_line_ends_the_program_and_the_run(line: tuple[Peer, int], system: System) -> None:
    os.close(line[1])
    began = time.monotonic()
    with pytest.raises(Cut):
        system.run(("sleep", "30"))
    assert time.monotonic() - began < 5


def cut_when(there: Path, fd: int) -> threading.Thread:
    """Cut the line, from another thread, as soon as a file is there."""

    def wait() -> None:
        ends = time.monotonic() + 10
        while not there.exists() and time.monotonic() < ends:
            time.sleep(0.01)
        os.close(fd)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_line_cut_meanwhile_ends_all_that_the_program_has_started(
    line: tuple[Peer, int], system: System, tmp_path: Path
) -> None:
    inner = f"trap 'echo ended > {tmp_path}/inner; exit' TERM; touch {tmp_path}/at-work; "
    inner += "while :; do sleep 0.05; done"
    thread = cut_when(tmp_path / "at-work", line[1])
    with pytest.raises(Cut):
        system.run(("/bin/sh", "-c", f"({inner}) & wait"))
    thread.join()
    ends = time.monotonic() + 5
    while not (tmp_path / "inner").exists() and time.monotonic() < ends:
        time.sleep(0.02)
    assert (tmp_path / "inner").read_text() == "ended\n"


def test_what_must_not_be_interrupted_finishes_before_the_run_stops(
    line: tuple[Peer, int], system: System, tmp_path: Path
) -> None:
    script = f"touch {tmp_path}/at-work; sleep 0.4; touch {tmp_path}/whole"
    noticed = []
    line[0].on_cut = lambda: noticed.append(True)
    thread = cut_when(tmp_path / "at-work", line[1])
    with pytest.raises(Cut):
        system.run(("/bin/sh", "-c", script), finishes=lambda: True)
    thread.join()
    assert (tmp_path / "whole").exists()
    assert noticed == [True], "the next run is told that this one is finishing"


def test_a_cut_line_stops_before_the_next_change_of_a_file(
    line: tuple[Peer, int], system: System, tmp_path: Path
) -> None:
    os.close(line[1])
    with pytest.raises(Cut):
        system.disk.write(Content(path=str(tmp_path / "file"), data=b"x"))
    assert list(tmp_path.glob("*file*")) == []


def test_nobody_taking_events_is_a_cut_line(tmp_path: Path) -> None:
    there, here = os.pipe()
    out_there, out_here = os.pipe()
    os.close(out_there)
    with os.fdopen(there, "rb") as frames:
        peer = Peer(frames, out_here)
        peer.emit("look", count=1)
        with pytest.raises(Cut):
            peer.check()
    os.close(here)
    os.close(out_here)
    assert tmp_path.exists()


@pytest.fixture
def folder(tmp_path: Path) -> disk.Disk:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text(f"root:x:{os.getuid()}:{os.getgid()}::/:/bin/sh\n")
    (tmp_path / "etc/group").write_text(f"root:x:{os.getgid()}:\n")
    return disk.Disk(root=str(tmp_path), accounts=Accounts(str(tmp_path)))


def test_a_file_has_its_mode_from_its_first_moment(folder: disk.Disk, tmp_path: Path) -> None:
    (tmp_path / "etc/key").write_text("old")
    folder.write(Content(path="/etc/key", data=b"secret", mode=0o600))
    assert (tmp_path / "etc/key").stat().st_mode & 0o777 == 0o600
    stage = folder.stage(Content(path="/etc/key", data=b"secret", mode=0o640))
    assert os.stat(stage).st_mode & 0o777 == 0o640  # noqa: PTH116


def test_a_planted_link_beside_a_file_is_not_followed(folder: disk.Disk, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("untouched")
    (tmp_path / "etc/.motd.poser-kit").symlink_to(tmp_path / "victim")
    folder.write(Content(path="/etc/motd", data=b"new"))
    assert (tmp_path / "victim").read_text() == "untouched"
    assert (tmp_path / "etc/motd").read_text() == "new"


def test_a_folder_in_the_way_of_a_file_is_one_clear_error(
    folder: disk.Disk, tmp_path: Path
) -> None:
    (tmp_path / "etc/motd").mkdir()
    (tmp_path / "etc/motd/mine").write_text("kept")
    with pytest.raises(PoserError, match="/etc/motd is a directory"):
        folder.write(Content(path="/etc/motd", data=b"new"))
    assert (tmp_path / "etc/motd/mine").read_text() == "kept"


def test_a_file_in_the_way_of_a_folder_is_one_clear_error(folder: disk.Disk) -> None:
    folder.write(Content(path="/etc/app", data=b"file"))
    with pytest.raises(PoserError, match="/etc/app should be a directory"):
        folder.directory("/etc/app", mode=0o755, owner="root", group="root")
    with pytest.raises(PoserError, match="/etc/app is no directory"):
        folder.write(Content(path="/etc/app/deep/file", data=b"x"))


def test_a_folder_that_is_not_empty_is_not_removed(folder: disk.Disk, tmp_path: Path) -> None:
    (tmp_path / "etc/app").mkdir()
    (tmp_path / "etc/app/mine").write_text("kept")
    with pytest.raises(PoserError, match="something in it"):
        folder.remove("/etc/app")
    assert (tmp_path / "etc/app/mine").exists()


def test_an_unknown_owner_is_named_and_nothing_is_left(folder: disk.Disk, tmp_path: Path) -> None:
    with pytest.raises(PoserError, match="no user 'shop'"):
        folder.write(Content(path="/etc/motd", data=b"x", owner="shop"))
    assert not (tmp_path / "etc/motd").exists()


def test_a_full_file_system_is_named_with_what_is_needed_and_free(tmp_path: Path) -> None:
    error = disk.explained(OSError(28, "No space left on device"), str(tmp_path / "x"), 12345)
    assert "is full" in error.message
    assert "12345 bytes" in error.message
    assert "free" in error.message
    assert "df -h" in error.hint
