# SPDX-License-Identifier: Apache-2.0
"""Machines that exist on paper only."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from roles.paper import paper
from roles.values import Host


@pytest.fixture
def a_host() -> Callable[..., Host]:
    """Return a host on paper, a store's unless named, with other values where they are named."""

    def make(**changes: Any) -> Host:  # noqa: ANN401 - any field of Host
        return replace(paper(str(changes.get("role", "store"))), **changes)

    return make
