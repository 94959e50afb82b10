# SPDX-License-Identifier: Apache-2.0
"""A host, two stores and a cloud node, each with a database of its own."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from poser.db import transaction
from poser.model import NodeKind, Store
from tests.support.nodes import Chain, Node, filled


@pytest.fixture
def chain(new_database: Callable[[str], Engine]) -> Chain:
    """Make the nodes; each knows the stores 1 and 2 already."""
    host = Node("host-1", NodeKind.HOST, new_database("poser"))
    others = [
        Node("store-1", NodeKind.STORE, new_database("poser"), ("1",)),
        Node("store-2", NodeKind.STORE, new_database("poser"), ("2",)),
        Node("cloud-1", NodeKind.CLOUD, new_database("poser")),
    ]
    made = Chain(host, others)
    with transaction(host.engine) as session:
        session.add_all([Store(number="1", name="North"), Store(number="2", name="South")])
    filled(made)
    return made


@pytest.fixture
def nodes(new_database: Callable[[str], Engine]) -> tuple[Node, Node]:
    """Make a host and a store that do not know each other yet."""
    host = Node("host-1", NodeKind.HOST, new_database("poser"))
    store = Node("store-1", NodeKind.STORE, new_database("poser"), ("1",))
    host.run("INSERT INTO stores (number, name) VALUES ('1', 'North')")
    return host, store


@pytest.fixture
def sales(new_database: Callable[[str], Engine]) -> tuple[Engine, Engine]:
    """Make the databases of POS transactions of the two nodes."""
    return new_database("trainwreck"), new_database("trainwreck")
