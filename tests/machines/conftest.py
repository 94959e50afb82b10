# SPDX-License-Identifier: Apache-2.0
"""Machines for tests: a lab of this test run's own, gone when the run ends."""

from collections.abc import Iterator

import pytest

from control.lab import Lab
from tests.support.machines import Keys, make_keys, make_lab


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Make the SSH key that the machines of this test run let in."""
    return make_keys(tmp_path_factory.mktemp("ssh"))


@pytest.fixture(scope="session")
def lab(keys: Keys) -> Iterator[Lab]:
    """Yield a lab of this run's own; its machines are whatever tests ask it for."""
    made = make_lab(keys)
    try:
        yield made
    finally:
        made.remove()
