# SPDX-License-Identifier: Apache-2.0
"""Does the same with many machines at the same time; one that fails stops alone."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

from control.inventory import Machine
from poser.errors import PoserError

Answer = TypeVar("Answer")


class ExitCode(IntEnum):
    """How `fab` ends: the codes that scripts can rely on."""

    WELL = 0
    FAILED = 1
    USAGE = 2
    DRIFT = 3
    PARTLY_FAILED = 4
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[Answer]):
    """What came of one machine: an answer or an error, and how long it took."""

    machine: Machine
    answer: Answer | None
    error: PoserError | None
    seconds: float


def run(
    machines: Sequence[Machine],
    work: Callable[[Machine], Answer],
    *,
    jobs: int,
    interrupt: Callable[[], None] = lambda: None,
) -> list[Outcome[Answer]]:
    """Call `work` with each machine, `jobs` at a time; return the outcomes in the same order.

    A PoserError, and any other error, is the outcome of its machine; the others go on. When the
    user interrupts, machines not yet begun are left out, `interrupt` must make the running ones
    end soon, and KeyboardInterrupt is raised.
    """
    with ThreadPoolExecutor(max_workers=min(jobs, len(machines))) as pool:
        futures = [pool.submit(_outcome, machine, work) for machine in machines]
        try:
            return [_patiently(future) for future in futures]
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            interrupt()
            raise


def exit_code(outcomes: Sequence[Outcome[Answer]], *, drift: bool = False) -> ExitCode:
    """Return how a run over these machines ends; `drift` says that a check found some."""
    failed = sum(outcome.error is not None for outcome in outcomes)
    if failed == len(outcomes) and failed:
        return ExitCode.FAILED
    if failed:
        return ExitCode.PARTLY_FAILED
    return ExitCode.DRIFT if drift else ExitCode.WELL


def _outcome(machine: Machine, work: Callable[[Machine], Answer]) -> Outcome[Answer]:
    started = time.monotonic()
    answer, error = None, None
    try:
        answer = work(machine)
    except PoserError as known:
        error = known
    except Exception as unknown:  # noqa: BLE001 - the outcome of this machine; others go on
        error = PoserError(
            f"{machine.name}: {type(unknown).__name__}: {unknown}",
            hint="this is a mistake in Poser itself; POSER_DEBUG=1 shows where",
        )
        error.__cause__ = unknown
    seconds = time.monotonic() - started
    return Outcome(machine=machine, answer=answer, error=error, seconds=seconds)


def _patiently(future: "Future[Outcome[Answer]]") -> Outcome[Answer]:
    """Wait for an outcome in short turns, so that Ctrl-C is heard at once."""
    while not future.done():
        wait([future], timeout=0.5)
    return future.result()
