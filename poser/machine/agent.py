# SPDX-License-Identifier: Apache-2.0
"""The program on the machine: reads one job, does it, and says on standard output what happens."""

from __future__ import annotations

import os
import signal
import sys

from poser.errors import PoserError, WireError
from poser.machine.peer import Cut, Peer
from poser.machine.process import PATH, CommandFailed
from poser.machine.resource import decode
from poser.machine.wire import unpack_job

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Job = dict[str, Any]

_CUT = 1
_FAILED = 1
_KITS_KEPT = 4  # a timer of the guard may still need an older one


def main(first: bytes | None = None) -> int:
    """Do the job that `first` or the first frame holds; return the exit code.

    Every end but a cut line is a final event. A cut line, SIGTERM, SIGHUP or SIGINT end the run
    at the next safe point.
    """
    os.chdir("/")
    os.umask(0o022)
    os.environ["PATH"] = PATH
    peer = Peer(sys.stdin.buffer, sys.stdout.fileno())
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: peer.cut())
    try:
        return _do(peer, _job(peer, first))
    except Cut:
        return _CUT
    except PoserError as error:
        return fail(peer, "", error)
    except Exception as error:  # noqa: BLE001 - the outermost edge: a bug must be told, too
        return _tell_bug(peer, error)


def _job(peer: Peer, first: bytes | None) -> Job:
    if first is not None:  # the bootstrap has just fetched this kit
        _forget_old_kits(sys.path[0])
        return unpack_job(first)
    frame = peer.frame()
    if frame is None:
        raise Cut
    if frame[0] != "job":
        raise WireError(f"a job was expected, not {frame[0]!r}")
    return unpack_job(frame[1])


def _forget_old_kits(own: str) -> None:
    """Remove kits that newer ones have replaced, but a few."""
    import shutil

    folder = os.path.dirname(own)
    kits = [f"{folder}/{name}" for name in os.listdir(folder)]
    newest_first = sorted(kits, key=os.path.getmtime, reverse=True)
    needed = (own, os.path.realpath(f"{os.path.dirname(folder)}/current"))
    for kit in newest_first[_KITS_KEPT:]:
        if kit not in needed:
            shutil.rmtree(kit, ignore_errors=True)


def _do(peer: Peer, job: Job) -> int:
    """Do what the job's mode says; imports are here since each mode needs few of them."""
    match job.get("mode"):
        case "converge" | "amend":
            return _converge(peer, job)
        case "check":
            from poser.machine.converge import check

            check(peer, decode(job["resources"]))
        case "confirm":
            return _confirm(peer)
        case "status":
            from poser.machine.status import status

            status(peer)
        case "shell":
            from poser.machine.shell import shell

            shell(peer)
        case other:
            raise WireError(f"there is no mode {other!r}", hint="is the control side newer?")
    return 0


def _converge(peer: Peer, job: Job) -> int:
    from poser.machine import wanted
    from poser.machine.converge import Convergence
    from poser.machine.lock import Lock
    from poser.machine.system import System

    resources = decode(job["resources"])
    lock = Lock()
    lock.take(peer)
    peer.on_cut = lock.finishing
    run = Convergence(System(peer), resources, job)
    try:
        if job["mode"] == "amend":
            wanted.amend(resources)
        else:
            wanted.keep(job, resources)
        wanted.keep_kit(sys.path[0])
        run.converge()
    except PoserError as error:
        run.ask_to_confirm()
        return fail(peer, run.key, error)
    except OSError as error:
        from poser.machine.disk import explained

        run.ask_to_confirm()
        return fail(peer, run.key, explained(error, str(error.filename or "/"), 0))
    return 0


def _confirm(peer: Peer) -> int:
    from poser.machine.guard import confirm
    from poser.machine.system import System

    if too_late := confirm(System(peer)):
        return fail(peer, "", PoserError(too_late, hint="provision again to make the change anew"))
    peer.emit("confirmed")
    return 0


def fail(peer: Peer, key: str, error: PoserError) -> int:
    """Send the final event "failed": which resource, what happened, the program's own words."""
    output, message, hint = "", error.message, error.hint
    if isinstance(error, CommandFailed):
        shown = " ".join(error.result.command)
        output = f"$ {shown}\n{error.result.last_words}"
        if "No space left on device" in output and "is full" not in message:
            from poser.machine.explain import FULL_HINT, no_room

            message, hint = f"{message}: {no_room(output)}", FULL_HINT
    peer.emit("failed", key=key, message=message, output=output, hint=hint)
    return _FAILED


def _tell_bug(peer: Peer, error: Exception) -> int:
    import traceback

    peer.emit(
        "failed",
        key="",
        message=f"the kit has a bug: {type(error).__name__}: {error}",
        output="".join(traceback.format_exception(error)[-6:]),
        hint="please report it with these lines",
    )
    return _FAILED
