# SPDX-License-Identifier: Apache-2.0
"""Locks end with their process, and tell who has them."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from control.lab.layers import _escaped, _unescaped, delete_tree
from control.lab.locks import end_holder, hold, holder, only_one
from control.lab.programs import need, run
from control.lab.status import _began
from control.paths import CHECKOUT
from poser.errors import PoserError, Unavailable

HOLD = """
import sys, time
from pathlib import Path
from control.lab.locks import hold
assert hold(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def somebody_holds(path: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        try:
            yield child
        finally:
            child.kill()


def test_a_lock_tells_which_process_has_it_until_that_ends(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert holder(lock) == 0
    with somebody_holds(lock) as child:
        assert holder(lock) == child.pid
        assert holder(lock) == child.pid, "asking does not take it"
        assert not hold(lock)
        child.kill()
        child.wait()
        assert holder(lock) == 0


def test_a_number_left_in_a_file_is_not_believed(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("1\n")
    assert holder(lock) == 0


def test_the_holder_can_be_ended_and_nobody_else_is(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert end_holder(lock, signal.SIGTERM, wait_s=1)
    with somebody_holds(lock) as child, somebody_holds(tmp_path / "other") as other:
        assert end_holder(lock, signal.SIGTERM, wait_s=10)
        assert child.wait() == -signal.SIGTERM
        assert other.poll() is None


def test_a_holder_that_does_not_end_is_reported(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with somebody_holds(lock):
        assert not end_holder(lock, signal.SIGCONT, wait_s=0.1)


def test_only_one_at_a_time_gets_in(tmp_path: Path) -> None:
    inside: list[int] = []
    most = 0

    def enter() -> None:
        nonlocal most
        with only_one(tmp_path / "lock", "a test"):
            inside.append(1)
            most = max(most, len(inside))
            time.sleep(0.01)
            inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_whoever_waited_for_a_lock_that_was_deleted_gets_the_new_one(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    entered = threading.Event()

    def second() -> None:
        with only_one(lock, "a test"):
            entered.set()
            assert lock.exists(), "a third one must find this lock"

    thread = threading.Thread(target=second)
    with only_one(lock, "a test"):
        thread.start()
        time.sleep(0.1)
        assert not entered.is_set()
        lock.unlink()
    thread.join(5)
    assert entered.is_set()


def test_waiting_too_long_says_for_what(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with (
        only_one(lock, "one"),
        pytest.raises(Unavailable, match="busy with the lab abc"),
        only_one(lock, "the lab abc", wait_s=0.1),
    ):
        pass


@pytest.mark.parametrize("name", ["plain", "with:colon", "with,comma", "back\\slash"])
def test_paths_are_written_as_mount_options_read_them(name: str) -> None:
    escaped = _escaped(Path("/x") / name)
    for sign in (":", ","):
        assert sign not in escaped.replace(f"\\{sign}", "")


def test_mount_points_are_read_as_the_kernel_writes_them() -> None:
    assert _unescaped("/a\\040b\\011c\\134d") == "/a b\tc\\d"


def test_a_tree_is_deleted_whole_and_one_that_is_not_there_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    (folder / "a/b").mkdir(parents=True)
    (folder / "a/link").symlink_to(tmp_path)
    (tmp_path / "beside").write_text("stays")
    delete_tree(folder)
    delete_tree(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["beside"]


def test_a_process_began_when_it_began(tmp_path: Path) -> None:
    before = time.time()
    with somebody_holds(tmp_path / "lock") as child:
        began = _began(child.pid)
        assert began is not None
        assert before - 2 < began.timestamp() < time.time() + 2
        child.kill()
        child.wait()
        assert _began(child.pid) is None


def test_an_error_of_a_program_is_told_in_its_own_words() -> None:
    with pytest.raises(PoserError, match="No such file or directory"):
        run("ls", "/nowhere-at-all")
    with pytest.raises(PoserError, match="no poser-no-such-program") as missing:
        need(["poser-no-such-program"])
    assert "apt-get install" in missing.value.hint
