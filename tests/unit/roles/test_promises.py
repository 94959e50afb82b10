# SPDX-License-Identifier: Apache-2.0
"""Every promise of a role has a hand-written test, and every such test holds a role to one."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roles import build, names
from roles.values import Host, ReleaseRef

TESTS = Path(__file__).parents[2] / "machines" / "promises"


def sentences() -> Iterator[str]:
    """Yield the sentences of each `pytest.mark.promise(...)`: itself, or of what is named there.

    A name stands for a constant, an item of a name for all values of a dict.
    """
    for path in TESTS.glob("test_*.py"):
        tree = ast.parse(path.read_text())
        named = {
            target.id: _said(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.promise":
                (said,) = node.args
                said = said.value if isinstance(said, ast.Subscript) else said
                yield from named[said.id] if isinstance(said, ast.Name) else _said(said)


def _said(value: ast.expr) -> list[str]:
    texts = value.values if isinstance(value, ast.Dict) else [value]
    return [str(text.value) for text in texts if isinstance(text, ast.Constant)]


@pytest.fixture
def promised(a_host: Callable[..., Host]) -> set[str]:
    extended = ReleaseRef(
        id="r1", sha256="0" * 64, heads={"poser": ("a",)}, extensions=("poser_coop",)
    )
    settings = {"import.schedules": "prices at 03:30: csv Product --from /srv/prices.csv"}
    hosts = (a_host(role=role, release=extended, settings=settings) for role in names())
    return {promise for host in hosts for promise in build(host).promises}


def test_every_promise_has_a_test(promised: set[str]) -> None:
    assert promised - set(sentences()) == set()


def test_every_test_holds_a_role_to_a_promise(promised: set[str]) -> None:
    assert set(sentences()) - promised == set()


def test_a_promise_is_a_sentence_without_its_full_stop(promised: set[str]) -> None:
    for promise in promised:
        assert len(promise.split()) > 3
        assert not promise.endswith(".")
