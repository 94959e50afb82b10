# SPDX-License-Identifier: Apache-2.0
"""A node with databases of its own, which tests extend."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from poser.databases import DATABASES
from tests.support.extended import COOP, ExtendedNode, write_settings
from tests.support.postgresql import APPLICATION, OWNER, Server

MakeNode = Callable[..., ExtendedNode]


@pytest.fixture
def make_node(postgresql: Server, templates: dict[str, str], tmp_path: Path) -> Iterator[MakeNode]:
    """Give a function that makes a node whose databases have Poser's own tables."""
    names: list[str] = []

    def make(*packages: Path, extensions: str = "") -> ExtendedNode:
        made = {database: postgresql.create(templates[database]) for database in DATABASES}
        names.extend(made.values())
        urls = {
            role: {database: postgresql.url(name, role) for database, name in made.items()}
            for role in (APPLICATION, OWNER)
        }
        write_settings(tmp_path, urls)
        node = ExtendedNode(folder=tmp_path, packages=packages)
        if extensions:
            node.name(extensions)
        return node

    yield make
    for name in names:
        postgresql.drop(name)


@pytest.fixture
def coop(make_node: MakeNode) -> ExtendedNode:
    """Give a node of a food co-op, upgraded."""
    node = make_node(COOP, extensions="poser_coop")
    done = node.poser("db upgrade")
    assert done.code == 0, done.err
    return node
