# SPDX-License-Identifier: Apache-2.0
"""Small look-alikes of the systems that the examples import from, and their handlers."""

import importlib
import sqlite3
from pathlib import Path

import pytest

from poser.importing.handler import ImportHandler
from tests.support.extended import CHECKOUT
from tests.support.foreign import CHINOOK, NORTHWIND, Example
from tests.support.postgresql import OWNER, Server


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Example:
    """Give a function that makes the handler of an example."""

    def make(name: str) -> ImportHandler:
        monkeypatch.syspath_prepend(str(CHECKOUT / "examples" / name))
        module = importlib.import_module(f"poser_{name}.importing.{name}")
        made: ImportHandler = getattr(module, name.capitalize())()
        return made

    return make


@pytest.fixture
def northwind(postgresql: Server) -> str:
    """Make a wholesaler's database; returns its address."""
    name = postgresql.create()
    connection = postgresql.connect(name, user=OWNER)
    with connection, connection.cursor() as cursor:
        cursor.execute(NORTHWIND)
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO poser")
    connection.close()
    return f"postgresql://poser@/{name}?host={postgresql.folder}"


@pytest.fixture
def chinook(tmp_path: Path) -> Path:
    """Make a music shop's file."""
    path = tmp_path / "chinook.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(CHINOOK)
    connection.close()
    return path
