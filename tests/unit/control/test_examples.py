# SPDX-License-Identifier: Apache-2.0
"""Example data: loaded once into a new machine, and what a broken promise does to a run."""

from pathlib import Path
from typing import Any, cast

import pytest

from control import examples, machines
from control.fleet import Outcome
from control.inventory import Machine
from control.machines import Converged
from control.progress import Lines
from control.provision import Report, _with_promises
from control.verify import Failure, VerifyResult
from poser.errors import ImportFailed


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    example = tmp_path / "POSLog.xml"
    example.write_text("<POSLog/>")
    return Machine(name="store-1", role="store", address="192.0.2.11", examples=(example,))


def fill(machine: Machine, monkeypatch: pytest.MonkeyPatch, code: int, said: str = "") -> int:
    def pipe(_: object, command: str, source: Path) -> tuple[int, str]:
        assert "poser import poslog -" in command
        assert source == machine.examples[0]
        return code, said

    monkeypatch.setattr(machines, "pipe", pipe)
    return examples.fill(cast("Any", None), machine, Lines())


def test_an_example_that_the_machine_had_is_not_counted(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fill(machine, monkeypatch, 0) == 1
    assert fill(machine, monkeypatch, 80) == 0


def test_an_example_that_is_refused_is_named_with_the_machines_words(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ImportFailed, match=r"(?s)store-1: .*POSLog\.xml was not loaded:.*not XML"):
        fill(machine, monkeypatch, 1, "error: not XML")


def test_a_machine_that_breaks_a_promise_has_failed_and_keeps_its_report() -> None:
    failure = Failure(machine="store-1", promise="it answers", check="test_it", seen="silence")
    result = VerifyResult(machine="store-1", passed=9, failed=1, failures=(failure,))
    report = Report(
        host=cast("Any", None), role=cast("Any", None), converged=Converged(), verified=result
    )
    machine = Machine(name="store-1", role="store")
    outcome = _with_promises(Outcome(machine=machine, answer=report, error=None, seconds=1.0))
    assert outcome.answer is report
    assert outcome.error is not None
    assert outcome.error.message.startswith("store-1: 1 of 10 checks failed\n")
    assert "does not keep its promise: it answers" in outcome.error.message
    assert "fab verify host=store-1" in outcome.error.hint
