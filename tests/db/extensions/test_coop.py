# SPDX-License-Identifier: Apache-2.0
"""The food co-op of examples/coop: its branch, its tables, its commands."""

import json
from collections.abc import Callable

import pytest

from tests.support.extended import ExtendedNode

pytestmark = pytest.mark.postgresql

MakeNode = Callable[..., ExtendedNode]


def test_its_tables_are_as_its_models_say(coop: ExtendedNode) -> None:
    done = coop.poser("db check --json")
    assert json.loads(done.out)["poser"] == [], done.err
    assert coop.poser("db status").out.splitlines()[2].split()[:3] == [
        "poser/coop", "current", heads(coop)[0],
    ]  # fmt: skip


def heads(node: ExtendedNode) -> list[str]:
    found: list[str] = json.loads(node.poser("db heads poser --json").out)["poser"]
    return found
