# SPDX-License-Identifier: Apache-2.0
"""Declared settings: reading, bounds, and keys that nobody declares."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from poser.config import Config, Entry, Origin, Setting, check_written, load, problems
from poser.config.declared import declarations, declared_names
from poser.config.settings import DECLARED
from poser.errors import ConfigError
from poser.shown import TIME_ZONE


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    """Keep what tests declare out of the registry of the program."""
    yield
    for name in [name for name in DECLARED if name.startswith("test.")]:
        del DECLARED[name]


def config(**values: str) -> Config:
    entries = {
        f"test.{name}": (
            Entry(
                key=f"test.{name}",
                value=value,
                origin=Origin.FILE,
                place="/etc/t.conf:7",
                folder=Path("/etc"),
            ),
        )
        for name, value in values.items()
    }
    return Config(entries=entries, paths=(Path("/etc/t.conf"),))


def test_values_come_back_with_their_type() -> None:
    told = config(count="12", ratio="0.5", on="Yes", name="x y", file="a/b")
    assert Setting("test.count", int, doc="d")(told) == 12
    assert Setting("test.ratio", float, doc="d")(told) == 0.5
    assert Setting("test.on", bool, doc="d")(told) is True
    assert Setting("test.name", str, doc="d")(told) == "x y"
    assert Setting("test.file", Path, doc="d")(told) == Path("/etc/a/b")


def test_a_setting_that_is_not_written_has_its_default_or_is_missing() -> None:
    assert Setting("test.a", int, default=3, doc="d")(config()) == 3
    with pytest.raises(ConfigError, match=r"test\.b is missing in /etc/t\.conf") as caught:
        Setting("test.b", str, doc="Where it is.")(config())
    assert "[test]" in caught.value.hint
    assert "Where it is." in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        (int, "many", "a whole number"),
        (int, "0", "1 to 9"),
        (int, "10", "1 to 9"),
        (int, "", "a whole number"),
        (float, "x", "a number"),
        (bool, "perhaps", "yes or no"),
        (str, "", "not empty"),
    ],
)
def test_a_wrong_value_is_named_with_file_line_and_what_is_wanted(
    kind: type[object], value: str, wanted: str
) -> None:
    bounds = {"low": 1, "high": 9} if kind is int else {}
    setting = Setting("test.x", kind, doc="What it is.", **bounds)
    with pytest.raises(ConfigError, match=re.escape(f"/etc/t.conf:7: test.x must be {wanted}")):
        setting(config(x=value))


def test_a_choice_is_one_of_few() -> None:
    setting = Setting("test.color", str, doc="d", choices=("red", "blue"))
    assert setting(config(color="red")) == "red"
    with pytest.raises(ConfigError, match="one of red, blue"):
        setting(config(color="green"))


def test_a_secret_is_never_shown() -> None:
    setting = Setting("test.key", int, doc="d", secret=True)
    with pytest.raises(ConfigError) as caught:
        setting(config(key="hunter2"))
    assert "hunter2" not in str(caught.value)
    assert setting.shown("hunter2") == "(secret)"


@pytest.mark.parametrize("name", ["workers", "Web.workers", "web.", "web.a.b"])
def test_a_setting_is_named_section_and_option(name: str) -> None:
    with pytest.raises(ValueError, match=r"section\.option"):
        Setting(name, int, doc="d")


def test_an_unknown_key_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("[poser]\nnode = x\n[db]\nurll = y\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a\.conf:4: there is no setting db\.urll") as caught:
        load([path])
    assert caught.value.hint == "did you mean db.url?"


def test_the_environment_names_files_and_the_first_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(f"[poser]\nnode = {name}\n", encoding="utf-8")
    monkeypatch.setenv("POSER_CONFIG", f"{tmp_path}/one:{tmp_path}/two")
    entry = load().get("poser.node")
    assert entry is not None
    assert entry.value == "one"


def test_every_name_found_in_the_source_is_declared_when_imported() -> None:
    found = {setting.name for setting in declarations()}
    assert found == set(declared_names()) - {"poser.include", "poser.require"}
    assert {"db.url", "trainwreck.url", "poser.node"} <= found


def test_every_setting_says_what_it_is_for() -> None:
    assert [s.name for s in declarations() if len(s.doc) < 10 or not s.doc.strip()] == []


def test_problems_lists_every_wrong_value(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("[db]\nurl =\n[trainwreck]\nurl =\n", encoding="utf-8")
    assert len(problems(load([path]))) == 2


def test_a_service_finds_out_at_its_start_what_is_wrong_in_its_files(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("[web]\nworkers = 3\n", encoding="utf-8")
    check_written(load([path], environment={}))
    assert TIME_ZONE.name in DECLARED
    path.write_text("[web]\nworkers = 3\ntime_zone = Mars\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a\.conf:3: web\.time_zone must be a time zone"):
        check_written(load([path], environment={}))
