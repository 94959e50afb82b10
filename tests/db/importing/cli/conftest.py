# SPDX-License-Identifier: Apache-2.0
"""A node with an extension that brings an import handler, and what is typed on it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from poser.cli.app import run
from tests.support.extended import write_extension

HANDLER = '''
from poser.importing.asked import Asked
from poser.importing.fields import Field, Find
from poser.importing.formats.csv_files import CsvSource
from poser.importing.handler import ImportHandler, Option
from poser.importing.importer import Importer, Record
from poser.importing.source import Source
from poser.model import Brand, Vendor


class Vendors(Importer):
    """Dealers."""

    model = Vendor
    key = ("number",)
    fields = (
        Field("number", "id"),
        Field("name"),
        Field("terms", default=""),
        Field("discount_percent", "discount", default=None),
    )

    def normalize(self, record: Record) -> Record | None:
        """Leave out what is not sold any more."""
        if record["name"] == "broken":
            raise ValueError("is broken all over")
        return None if record["name"] == "gone" else record


class Spices(ImportHandler):
    """A dealer of spices.

    Once a week he sends his list.
    """

    key = "spices"
    importers = (Vendors,)
    where = "file of the dealer"
    options = (Option(name="currency", help="What prices are in.", default="EUR"),)

    def source(self, asked: Asked) -> Source:
        """Read his file."""
        return CsvSource(asked.where)


class Silent(Spices):
    """A dealer whose list never comes."""

    key = "silent"

    def source(self, asked: Asked) -> Source:
        """Find nobody."""
        raise RuntimeError("nobody answers")
'''
PLAIN = "id,name,terms,discount\n1,Anise & Co,30 days,2.5\n2,Basil,,\n3,Cumin,,10\n"

Typed = Callable[..., int]


@pytest.fixture
def typed(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Give a function that types a line behind `poser import` on a node with the extension."""
    folder = tmp_path / "installed"
    files = {"importing/__init__.py": '"""Importers."""\n', "importing/spices.py": HANDLER}
    write_extension(folder, "poser_spice", files)
    monkeypatch.syspath_prepend(str(folder))
    text = config.read_text(encoding="utf-8") + "[poser]\nextensions = poser_spice\n"
    config.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUDO_USER", "")
    return lambda line: run(["-c", str(config), "import", *line.split()])


@pytest.fixture
def a_file(tmp_path: Path) -> Callable[[str], Path]:
    """Give a function that writes the dealer's file."""

    def write(text: str = PLAIN) -> Path:
        path = tmp_path / "list.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write
