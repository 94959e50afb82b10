# SPDX-License-Identifier: Apache-2.0
"""Facts in, plan out: one JSON file per case, in tests/plans/KIND/."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from poser.machine.facts import Facts
from poser.machine.plan import plan
from poser.machine.resource import decode, encode, kinds

PLANS = Path(__file__).parents[2] / "plans"
CASES = sorted(PLANS.rglob("*.json"))


def folder_of(kind: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", kind).lower()


def load(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text())
    return case


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_plan_is_what_the_case_says_and_leaves_nothing_to_do(path: Path) -> None:
    case = load(path)
    resources = decode(case["resources"])
    found = plan(resources, Facts(case["facts"]))
    steps = [{"key": one.key, "reason": one.reason, "diff": one.diff} for one in found.steps]
    assert steps == case["steps"], case["what"]
    assert plan(resources, found.after).steps == (), "after the plan, nothing is left to do"


def test_every_resource_of_a_case_survives_the_wire() -> None:
    for path in CASES:
        resources = decode(load(path)["resources"])
        assert decode(json.loads(json.dumps(encode(resources)))) == resources


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_kind_has_cases_for_right_and_wrong(kind: str) -> None:
    cases = [load(path) for path in (PLANS / folder_of(kind)).glob("*.json")]
    assert len(cases) >= 2
    assert any(not case["steps"] for case in cases), "no case in which it is right"
    assert any(case["steps"] for case in cases), "no case in which it is wrong"


def test_every_folder_is_a_kind() -> None:
    folders = {path.parent.name for path in CASES}
    assert folders == {folder_of(kind) for kind in kinds()}


def test_every_case_says_what_it_shows() -> None:
    for path in CASES:
        assert re.fullmatch(r"[A-Z].*\.", load(path)["what"]), path


def test_no_secret_of_a_case_is_in_its_plan() -> None:
    secrets = 0
    for path in CASES:
        case = load(path)
        for word in re.findall(r'\{"secret": "([^"]+)"\}', json.dumps(case["resources"])):
            secrets += 1
            assert word not in json.dumps(case["steps"])
    assert secrets
