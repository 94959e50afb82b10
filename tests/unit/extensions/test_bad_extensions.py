# SPDX-License-Identifier: Apache-2.0
"""Extensions that do not fit: one clear error each, found without a database."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.extended import Done, ExtendedNode, write_extension

MODEL = '''
from sqlalchemy.orm import Mapped
from poser.db.base import Id, Model


class Thing(Model):
    """A thing."""

    __tablename__ = "{table}"
    id: Mapped[Id]
'''
REVISION = """
revision = "{revision}"
down_revision = {after}
needs = {needs}
phase = "{phase}"


def upgrade(): ...


def downgrade(): ...
"""
PERMISSION = 'from poser.auth import Permission\nSEE = Permission("{name}", "See it")\n'
SETTING = 'from poser.config import Setting\nS = Setting("{name}", int, default=1, doc="It.")\n'


def revision(
    name: str = "one_0001", after: str = "None", needs: str = '"poser_0001"', phase: str = "pre"
) -> str:
    return REVISION.format(revision=name, after=after, needs=needs, phase=phase)


def model(table: str) -> str:
    return MODEL.format(table=table)


def check(folder: Path, *packages: str) -> Done:
    node = ExtendedNode(folder=folder, packages=(folder,))
    settings = f"[db]\nurl = postgresql:///x\n[poser]\nextensions = {', '.join(packages)}\n"
    (folder / "poser.conf").write_text(settings)
    return node.poser("extension check")


GOOD = {
    "model/things.py": model("one_things"),
    "migrations/0001_things.py": revision(),
    "permissions.py": PERMISSION.format(name="one_things.view"),
    "settings.py": SETTING.format(name="one.size"),
    "cli/commands/one.py": "",
}


def test_one_that_fits_is_all_right(tmp_path: Path) -> None:
    write_extension(tmp_path, "poser_one", GOOD)
    done = check(tmp_path, "poser_one")
    assert (done.code, done.out) == (0, "poser_one: all right\n"), done.err


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {"model/things.py": "import nothing_like_it"},
            "extension poser_one: poser_one.model.things cannot be imported: ModuleNotFoundError",
        ),
        (
            {"model/things.py": "1 / 0"},
            "poser_one.model.things cannot be imported: ZeroDivisionError: division by zero",
        ),
        ({"migrations/0001_things.py": None}, "poser_one has tables, but no revisions in"),
        ({"model/things.py": model("things")}, "poser_one: its table things is not named after it"),
        (
            {"model/things.py": model("stores")},
            "poser_one: the table stores is defined by poser.model.org already",
        ),
        (
            {"migrations/0001_things.py": revision(needs='"poser_9999"')},
            "poser_one: one_0001 needs poser_9999, which this release does not have",
        ),
        (
            {"migrations/0001_things.py": revision(needs="None")},
            "poser_one: one_0001 does not say what it needs of Poser",
        ),
        (
            {"migrations/0001_things.py": revision(phase="before")},
            "0001_things.py does not say when it runs",
        ),
        (
            {"migrations/0001_things.py": revision("b7a1")},
            "0001_things.py cannot be called 'b7a1'",
        ),
        (
            {"migrations/0002_more.py": revision("one_0002")},
            "poser_one: its revisions are not one line",
        ),
        (
            {"migrations/0001_things.py": revision() + 'depends_on = "poser_0001"'},
            "its revisions are not one line",
        ),
        (
            {"migrations/0001_things.py": "import nothing_like_it"},
            "a revision cannot be imported: ModuleNotFoundError",
        ),
        (
            {"permissions.py": PERMISSION.format(name="products.view")},
            "poser_one: its permission products.view is not named after it",
        ),
        (
            {"settings.py": SETTING.format(name="web.size")},
            "poser_one: its setting web.size is not named after it",
        ),
        (
            {"settings.py": SETTING.format(name="web.workers")},
            "the setting web.workers is declared twice",
        ),
        (
            {"cli/commands/db.py": ""},
            "poser_one: the command `poser db` is one of Poser itself already",
        ),
    ],
)
def test_one_that_does_not_is_one_clear_error(
    tmp_path: Path, files: Mapping[str, str | None], words: str
) -> None:
    merged = {name: text for name, text in {**GOOD, **files}.items() if text is not None}
    write_extension(tmp_path, "poser_one", merged)
    done = check(tmp_path, "poser_one")
    assert done.code == 1
    assert words in done.err
    assert [line.split(":")[0] for line in done.err.splitlines()] == ["error", "hint"]
    assert "Traceback" not in done.err


def test_a_command_that_cannot_be_imported_is_named(tmp_path: Path) -> None:
    write_extension(tmp_path, "poser_one", {"cli/commands/one.py": "import nothing_like_it"})
    check(tmp_path, "poser_one")
    node = ExtendedNode(folder=tmp_path, packages=(tmp_path,))
    done = node.poser("one")
    assert done.code == 1
    assert "extension poser_one: poser_one.cli.commands.one cannot be imported" in done.err


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {"model/things.py": model("one_things"), "migrations/0001.py": revision("two_0001")},
            "poser_two: the table one_things is defined by poser_one.model.things already",
        ),
        (
            {"cli/commands/one.py": ""},
            "poser_two: the command `poser one` is one of poser_one already",
        ),
        ({"settings.py": SETTING.format(name="one.size")}, "the setting one.size is declared"),
    ],
)
def test_two_cannot_have_the_same(tmp_path: Path, files: Mapping[str, str], words: str) -> None:
    write_extension(tmp_path, "poser_one", GOOD)
    write_extension(tmp_path, "poser_two", files)
    done = check(tmp_path, "poser_one", "poser_two")
    assert done.code == 1
    assert words in done.err


def test_two_cannot_have_the_same_permission(tmp_path: Path) -> None:
    both = PERMISSION.format(name="one_two.view")
    write_extension(tmp_path, "poser_one", {"permissions.py": both})
    write_extension(tmp_path, "poser_one_two", {"permissions.py": both.replace("_two.", "_two_x.")})
    assert check(tmp_path, "poser_one", "poser_one_two").code == 0
    write_extension(tmp_path, "poser_one", {"permissions.py": both.replace("_two.", "_two_x.")})
    done = check(tmp_path, "poser_one", "poser_one_two")
    assert "poser_one and poser_one_two both have the permission one_two_x.view" in done.err


def test_poser_still_answers_beside_one_that_is_not_installed(tmp_path: Path) -> None:
    assert "extension poser_none is not installed" in check(tmp_path, "poser_none").err
    node = ExtendedNode(folder=tmp_path, packages=())
    done = node.poser("--help")
    assert done.code == 0
    assert "Commands of extensions are missing here:" in done.out
    assert node.poser("db --help").code == 0
