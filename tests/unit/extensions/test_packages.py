# SPDX-License-Identifier: Apache-2.0
"""Naming extensions: what is none is one clear error that says where it is named."""

from pathlib import Path

import pytest

from poser.errors import ConfigError
from poser.extensions.commands import commands
from poser.extensions.packages import find, split
from tests.support.extended import write_extension


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder whose packages can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_names_stand_on_lines_or_with_commas_between() -> None:
    assert split("poser_a, poser_b\nposer_c") == ("poser_a", "poser_b", "poser_c")
    assert split("") == ()


def test_a_package_is_found_without_being_imported(installed: Path) -> None:
    write_extension(
        installed, "poser_found", {"__init__.py": "raise SystemExit", "model/things.py": ""}
    )
    (one,) = find(["poser_found"], place="here")
    assert one.name == "found"
    assert one.folder == installed / "poser_found"
    assert one.modules("model") == ("poser_found.model.things",)
    assert one.modules("pages") == ()


@pytest.mark.parametrize(
    ("names", "message", "hint"),
    [
        (["poser_none"], "x.conf:3: extension poser_none is not installed", "take it out"),
        (["poser-none"], "x.conf:3: 'poser-none' is not the name of", "such as poser_none"),
        (["poser"], "x.conf:3: poser is Poser itself", "take it out"),
        (["poser_one", "poser_one"], "x.conf:3: extension poser_one is named twice", "out"),
        (["poser_one", "one"], "one is named beside poser_one: both are 'one'", "out"),
        (["a_module"], "x.conf:3: extension a_module is not installed", "install it"),
    ],
)
def test_a_name_that_is_no_extensions_is_one_clear_error(
    installed: Path, names: list[str], message: str, hint: str
) -> None:
    write_extension(installed, "poser_one", {})
    write_extension(installed, "one", {})
    (installed / "a_module.py").write_text("")
    with pytest.raises(ConfigError) as caught:
        find(names, place="x.conf:3")
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_two_extensions_cannot_have_the_same_command(installed: Path) -> None:
    for package in ("poser_one", "poser_two"):
        write_extension(installed, package, {"cli/commands/count_.py": ""})
    found = find(["poser_one", "poser_two"], place="here")
    with pytest.raises(Exception, match="poser_two: the command `poser count` is one of poser_one"):
        commands(found, ["db"])
    with pytest.raises(Exception, match="poser_one: the command `poser count` is one of Poser its"):
        commands(found[:1], ["count"])
