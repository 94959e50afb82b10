# SPDX-License-Identifier: Apache-2.0
"""A node with room for the months of a demo shop."""

import pytest
from sqlalchemy import Engine

from tests.support.demo import make_room


@pytest.fixture
def engines(engines: dict[str, Engine]) -> dict[str, Engine]:
    """Make room in the sales of the past."""
    make_room(engines["trainwreck"])
    return engines
