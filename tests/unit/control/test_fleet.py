# SPDX-License-Identifier: Apache-2.0
"""Many machines at the same time: order, failures that stay alone, exit codes, Ctrl-C."""

import threading
import time

import pytest

from control import fleet
from control.fleet import ExitCode
from control.inventory import Machine
from poser.errors import PoserError

MACHINES = tuple(Machine(name=f"store-{n}", role="store", address="192.0.2.1") for n in range(4))


def test_outcomes_are_in_the_order_of_the_machines() -> None:
    def work(machine: Machine) -> str:
        time.sleep(0.02 if machine.name == "store-0" else 0)
        return machine.name

    outcomes = fleet.run(MACHINES, work, jobs=4)
    assert [outcome.answer for outcome in outcomes] == [machine.name for machine in MACHINES]
    assert all(outcome.error is None and outcome.seconds >= 0 for outcome in outcomes)


def test_machines_run_at_the_same_time_and_never_more_than_asked() -> None:
    running, most = 0, 0
    lock = threading.Lock()

    def work(_: Machine) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1

    fleet.run(MACHINES, work, jobs=2)
    assert most == 2


def test_a_machine_that_fails_stops_alone() -> None:
    def work(machine: Machine) -> str:
        if machine.name == "store-1":
            raise PoserError("store-1: no", hint="mend it")
        if machine.name == "store-2":
            raise KeyError("not on purpose")
        return "well"

    outcomes = fleet.run(MACHINES, work, jobs=4)
    assert [outcome.answer for outcome in outcomes] == ["well", None, None, "well"]
    known, unknown = outcomes[1].error, outcomes[2].error
    assert known is not None
    assert (known.message, known.hint) == ("store-1: no", "mend it")
    assert unknown is not None
    assert "store-2: KeyError: 'not on purpose'" in unknown.message
    assert "POSER_DEBUG=1" in unknown.hint
    assert isinstance(unknown.__cause__, KeyError)


@pytest.mark.parametrize(
    ("failing", "drift", "code"),
    [
        ([], False, ExitCode.WELL),
        ([], True, ExitCode.DRIFT),
        ([1], False, ExitCode.PARTLY_FAILED),
        ([1], True, ExitCode.PARTLY_FAILED),
        ([0, 1, 2, 3], False, ExitCode.FAILED),
    ],
)
def test_the_exit_code_tells_how_it_went(failing: list[int], *, drift: bool, code: int) -> None:
    def work(machine: Machine) -> None:
        if int(machine.name[-1]) in failing:
            raise PoserError("no")

    assert fleet.exit_code(fleet.run(MACHINES, work, jobs=4), drift=drift) == code


def test_an_interrupt_ends_running_machines_and_begins_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cut = threading.Event()
    begun: list[str] = []

    def work(machine: Machine) -> None:
        begun.append(machine.name)
        assert cut.wait(timeout=5)

    def pressed(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fleet, "_patiently", pressed)
    with pytest.raises(KeyboardInterrupt):
        fleet.run(MACHINES, work, jobs=1, interrupt=cut.set)
    assert len(begun) <= 1
