# SPDX-License-Identifier: Apache-2.0
"""A machine that is a folder: its own /etc/passwd, its own programs, the kit's real code."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.machine.small_machine import SmallMachine


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[SmallMachine]:
    """Make a machine below a temporary folder; nothing outside of it is changed."""
    small = SmallMachine(tmp_path)
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{small.programs}:{path}"
    yield small
    os.environ["PATH"] = path
    small.close()
