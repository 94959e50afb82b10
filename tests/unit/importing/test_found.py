# SPDX-License-Identifier: Apache-2.0
"""Import handlers are found by reading folders, and loaded when they are named."""

import re
from pathlib import Path

import pytest

from poser.errors import PoserError
from poser.extensions.packages import Extension
from poser.importing.found import Found, found, handler
from tests.support.extended import write_extension

HANDLER = '''
from poser.importing.handler import ImportHandler

class {name}(ImportHandler):
    """{title}

    More of it.
    """

    key = "{key}"
    {more}

    def source(self, asked):
        raise OSError
'''


def an_extension(
    folder: Path, package: str, monkeypatch: pytest.MonkeyPatch, **modules: str
) -> Extension:
    files = {f"importing/{name}.py": text for name, text in modules.items()}
    write_extension(folder, package, {"importing/__init__.py": "", **files})
    monkeypatch.syspath_prepend(str(folder))
    return Extension(package=package, folder=folder / package)


def text(key: str, *, name: str = "Spices", title: str = "Of a dealer.", more: str = "") -> str:
    return HANDLER.format(key=key, name=name, title=title, more=more)


def test_posers_own_handlers_load_and_have_a_title() -> None:
    own = found()
    assert own
    for key, each in own.items():
        assert each.load().key == key
        assert each.title.endswith("."), each.place


def test_a_handler_of_an_extension_is_found_by_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = an_extension(tmp_path, "poser_spice", monkeypatch, spices=text("spices"))
    each = found([one])["spices"]
    assert (each.title, each.class_name, each.of) == (
        "Of a dealer.", "Spices", "extension poser_spice",
    )  # fmt: skip
    assert handler("spices", [one]).__name__ == "Spices"


def test_nothing_is_imported_to_list_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = text("bad") + "\n1 / 0\n"
    one = an_extension(tmp_path, "poser_wrong", monkeypatch, bad=wrong)
    assert "bad" in found([one])
    with pytest.raises(PoserError, match=r"poser_wrong: poser_wrong\.importing\.bad cannot"):
        handler("bad", [one])


def test_two_handlers_with_one_key_are_both_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = an_extension(tmp_path, "poser_left", monkeypatch, a=text("same", name="Left"))
    two = an_extension(tmp_path, "poser_right", monkeypatch, b=text("same", name="Right"))
    with pytest.raises(PoserError, match=r"Left of extension poser_left .* Right of ext"):
        found([one, two])


def test_an_extension_may_replace_a_handler_by_saying_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = an_extension(tmp_path, "poser_other", monkeypatch, other=text("prices"))
    taking = text("prices", name="Ours", more="replaces = True")
    one = an_extension(tmp_path, "poser_ours", monkeypatch, ours=taking)
    assert handler("prices", [other, one]).__name__ == "Ours"
    silent = an_extension(tmp_path, "poser_silent", monkeypatch, theirs=text("prices"))
    with pytest.raises(PoserError, match="two import handlers have the key 'prices'"):
        found([other, silent])


def test_a_key_that_cannot_be_typed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = an_extension(tmp_path, "poser_big", monkeypatch, big=text("North Wind"))
    with pytest.raises(PoserError, match=re.escape("'North Wind' cannot be typed")):
        found([one])


def test_an_importer_that_took_its_key_for_a_handlers_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = 'class Vendors:\n    """Vendors."""\n\n    key = "number"\n'
    one = an_extension(tmp_path, "poser_taken", monkeypatch, vendors=module)
    with pytest.raises(PoserError, match=r"vendors\.py:1: Vendors says key = 'number'") as raised:
        handler("number", [one])
    assert "tuple" in raised.value.hint


def test_a_file_that_is_no_python_is_named_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = an_extension(tmp_path, "poser_broken", monkeypatch, broken="x = 1\nclass (\n")
    with pytest.raises(PoserError, match=r"broken\.py:2: import handlers cannot be read"):
        found([one])


def test_an_unknown_key_brings_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = an_extension(tmp_path, "poser_near", monkeypatch, near=text("northwind"))
    with pytest.raises(PoserError) as raised:
        handler("northwnd", [one])
    assert raised.value.hint == "did you mean northwind?"


def test_a_folder_is_a_module_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_extension(
        tmp_path,
        "poser_deep",
        {"importing/__init__.py": "", "importing/deep/__init__.py": text("deep")},
    )
    monkeypatch.syspath_prepend(str(folder))
    one = Extension(package="poser_deep", folder=folder / "poser_deep")
    each: Found = found([one])["deep"]
    assert each.load().__name__ == "Spices"
