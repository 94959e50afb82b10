# SPDX-License-Identifier: Apache-2.0
"""A node that tests extend: with a `poser` database of its own, the others as they come."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from poser.databases import DATABASES
from tests.support.extended import COOP, ExtendedNode, write_settings
from tests.support.postgresql import APPLICATION, OWNER, Server

MakeNode = Callable[..., ExtendedNode]


def write_node(server: Server, folder: Path, names: dict[str, str]) -> None:
    """Write the settings of a node with these databases."""
    urls = {
        role: {database: server.url(name, role) for database, name in names.items()}
        for role in (APPLICATION, OWNER)
    }
    write_settings(folder, urls)


@pytest.fixture
def make_node(postgresql: Server, templates: dict[str, str], tmp_path: Path) -> Iterator[MakeNode]:
    """Give a function that makes a node whose databases have Poser's own tables."""
    made: list[str] = []

    def make(*packages: Path, extensions: str = "", template: str = "") -> ExtendedNode:
        made.append(postgresql.create(template or templates["poser"]))
        write_node(postgresql, tmp_path, {**templates, "poser": made[-1]})
        node = ExtendedNode(folder=tmp_path, packages=packages)
        if extensions:
            node.name(extensions)
        return node

    yield make
    for name in made:
        postgresql.drop(name)


@pytest.fixture(scope="session")
def coop_template(
    postgresql: Server, templates: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Make a `poser` database with the tables of the food co-op, to be cloned."""
    folder = tmp_path_factory.mktemp("coop")
    name = postgresql.create(templates["poser"])
    write_node(postgresql, folder, {**dict.fromkeys(DATABASES, name), "poser": name})
    node = ExtendedNode(folder=folder, packages=(COOP,))
    node.name("poser_coop")
    done = node.poser("db upgrade poser")
    assert done.code == 0, done.err
    assert done.out == "poser: ran coop_0001, coop_0002\n"
    return name


@pytest.fixture
def coop(make_node: MakeNode, coop_template: str) -> ExtendedNode:
    """Give a node of a food co-op."""
    return make_node(COOP, extensions="poser_coop", template=coop_template)
