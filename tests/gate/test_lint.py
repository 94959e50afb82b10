# SPDX-License-Identifier: Apache-2.0
"""Formatter, linter, types and import direction are tests like any other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CHECKS = {
    "formatted": ["ruff", "format", "--check", "."],
    "linted": ["ruff", "check", "."],
    "typed": ["mypy"],
    "imports go one way": ["lint-imports"],
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_tree_is(name: str) -> None:
    bin_dir = str(Path(sys.executable).parent)
    environment = os.environ | {"PATH": f"{bin_dir}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        CHECKS[name], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(CHECKS[name])}\n{done.stdout}{done.stderr}"
