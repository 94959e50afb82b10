# SPDX-License-Identifier: Apache-2.0
"""The words of the command line: what people type and what Fabric gets to read."""

import pytest

from control.commandline import rewrite, shown
from control.machines import MachineFailed
from poser.errors import PoserError

VERBS = ("provision", "verify", "status", "ssh", "lab.up", "lab.cut", "lab.power-off", "lab.status")
NEEDING = ("provision", "ssh", "lab.cut", "lab.power-off")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("provision role=store", "provision role=store"),
        ("provision role=store --check", "provision role=store --check"),
        ("provision --check -j 3 role=store", "provision --check -j 3 role=store"),
        ("status", "status all"),
        ("status --json", "status all --json"),
        ("verify host=store-1", "verify host=store-1"),
        ("lab up", "lab.up all"),
        ("lab up host=store-1", "lab.up host=store-1"),
        ("lab.up", "lab.up all"),
        ("lab", "lab.status all"),
        ("lab cut host=store-1", "lab.cut host=store-1"),
        ("lab power-off host=store-1", "lab.power-off host=store-1"),
        ("lab up provision all verify", "lab.up all provision all verify all"),
        ("provision --help", "provision --help"),
        ("ssh host=store-1", "ssh host=store-1"),
        ("", ""),
    ],
)
def test_words_are_rewritten_as_fabric_can_read_them(typed: str, read: str) -> None:
    assert rewrite(typed.split(), VERBS, NEEDING) == read.split()


@pytest.mark.parametrize(
    ("typed", "message", "hint"),
    [
        ("provision", "`fab provision` must be told which machines", "role=store"),
        ("provision store", "must be told which machines: 'store' is no selector", "role=store?"),
        ("lab cut", "`fab lab cut` must be told which machines", "host=store-1"),
        ("provison role=store", "there is no `fab provison`", "did you mean 'provision'?"),
        ("lab cutt host=store-1", "there is no `fab lab cutt`", "did you mean 'cut'"),
        ("lab off", "there is no `fab lab off`", "fab lab can: cut, power-off, status, up"),
        (
            "provision role=store site=north",
            "takes one word for the machines",
            "fab provision role=store,site=north",
        ),
    ],
)
def test_a_mistake_is_answered_with_an_example(typed: str, message: str, hint: str) -> None:
    with pytest.raises(PoserError) as raised:
        rewrite(typed.split(), VERBS, NEEDING)
    assert message in raised.value.message
    assert hint in raised.value.hint


def test_an_error_is_shown_with_the_commands_own_words_and_a_hint() -> None:
    error = MachineFailed(
        "store-1: packages: it failed", hint="do so", key="k", output="E: one\nE: 2"
    )
    assert shown(error) == "error: store-1: packages: it failed\n  | E: one\n  | E: 2\nhint: do so"
