# SPDX-License-Identifier: Apache-2.0
"""Locks that end with their process, so that nothing of a killed one is left to believe.

Two kinds. `only_one` excludes whoever changes the same lab (flock: also between threads). `hold`
marks a process that lives on, and `holder` asks the kernel for its number without taking the
lock (POSIX record locks): unlike a number in a file, it cannot be that of another process that
came later or of one before this computer was started anew.
"""

import fcntl
import os
import select
import signal
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from poser.errors import Unavailable

# struct flock of 64-bit Linux: type, whence, start, length, process.
_FLOCK = "hhqqi4x"


@contextmanager
def only_one(path: Path, what: str, *, wait_s: float = 600.0) -> Iterator[int]:
    """Let nobody else in while the block runs; yields the descriptor, which children may keep.

    Waits up to `wait_s` seconds for another process, then raises Unavailable.
    """
    deadline = time.monotonic() + wait_s
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            if _take(descriptor, path, what, deadline):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _take(descriptor: int, path: Path, what: str, deadline: float) -> bool:
    """Take the lock; False when its file was deleted while we waited, by who had it before."""
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"another process has been busy with {what} for too long",
                    hint="wait for it, or end it (`lslocks` shows it), then run again",
                ) from None
            time.sleep(0.05)
        else:
            try:
                return path.stat().st_ino == os.fstat(descriptor).st_ino
            except FileNotFoundError:
                return False


def hold(path: Path) -> bool:
    """Hold `path` until this process ends; False when another process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    return True


def holder(path: Path) -> int:
    """Return the number of the process that holds `path`, 0 when none does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    finally:
        os.close(descriptor)
    return 0 if kind == fcntl.F_UNLCK else int(pid)


def end_holder(path: Path, number: signal.Signals, *, wait_s: float) -> bool:
    """Send a signal to the holder of `path` and wait; True when nobody holds it any more."""
    pid = holder(path)
    if pid == 0:
        return True
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        # Asked again now that the descriptor pins the process: the number was not reused.
        if holder(path) == pid:
            signal.pidfd_send_signal(descriptor, number)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(wait_s * 1000)) or holder(path) == 0
    except ProcessLookupError:
        return True
    finally:
        os.close(descriptor)
