# SPDX-License-Identifier: Apache-2.0
"""Declarations are found in the source, those of extensions, too."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from poser.config import load, problems
from poser.config.declared import declarations, declared_names, found_in_source
from poser.config.settings import DECLARED
from poser.errors import ConfigError

Extension = Callable[..., Path]


@pytest.fixture
def extension(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Extension]:
    """Give a function that makes an installed package with one module, and settings naming it."""
    made: set[str] = set()

    def make(name: str, source: str, *lines: str) -> Path:
        made.add(name)
        package = tmp_path / "packages" / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text('"""An extension."""\n', encoding="utf-8")
        (package / "things.py").write_text(source, encoding="utf-8")
        monkeypatch.syspath_prepend(str(package.parent))
        path = tmp_path / "poser.conf"
        head = ["[poser]", f"extensions = {name}"]
        path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
        return path

    yield make
    # Another test may have an extension of the same name.
    for name in [name for name in sys.modules if name.partition(".")[0] in made]:
        del sys.modules[name]


def test_an_extensions_settings_are_known_and_checked(extension: Extension) -> None:
    path = extension(
        "poser_one",
        "from poser.config import Setting\n"
        'COUNT = Setting("one.count", int, default=1, low=1, doc="How many there are.")\n',
        "[one]",
        "count = 0",
    )
    config = load([path], environment={"POSER_ONE_COUNT": "2"})
    try:
        assert [error.message for error in problems(config)] == [
            f"{path}:4: one.count must be at least 1, not '0'"
        ]
        assert DECLARED["one.count"](config) == 2
        assert "one.count" in {setting.name for setting in declarations(("poser_one",))}
        assert "one.count" not in declared_names()
    finally:
        DECLARED.pop("one.count", None)


def test_extensions_may_be_named_in_the_environment(extension: Extension) -> None:
    path = extension("poser_two", 'Setting("two.count", int, doc="d")')
    path.write_text("[two]\ncount = 0\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"poser\.conf:2: there is no setting two\.count"):
        load([path], environment={})
    config = load([path], environment={"POSER_POSER_EXTENSIONS": "poser_two"})
    assert config.extensions == ("poser_two",)
    assert config.entries["two.count"][0].value == "0"


def test_an_extension_that_is_not_installed_is_named_before_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("[poser]\nextensions = poser_nowhere\n[nowhere]\nx = 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a\.conf:2: extension poser_nowhere is not installed"):
        load([path], environment={})


@pytest.mark.parametrize(
    ("name", "why"),
    [("web.workers", "declared twice"), ("web_work.ers", "or has the environment variable")],
)
def test_two_settings_of_one_name_or_one_variable_are_refused(
    extension: Extension, name: str, why: str
) -> None:
    # The second case declares two names itself that are the same variable.
    lines = [f'Setting("{one}", int, doc="d")' for one in (name, name.replace("_work.", ".work_"))]
    path = extension("poser_three", "\n".join(lines))
    with pytest.raises(ConfigError, match=why):
        load([path], environment={})
    found_in_source.cache_clear()
    declared_names.cache_clear()


def test_source_that_is_no_python_is_named_with_its_line(extension: Extension) -> None:
    path = extension("poser_four", "x = 1\nSetting(\n")
    with pytest.raises(ConfigError, match=r"things\.py:2: this is no Python"):
        load([path], environment={})


def test_all_unknown_keys_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("[web]\nwrokers = 1\n[zzz]\nx = 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a\.conf:2: there is no setting web\.wrokers") as caught:
        load([path], environment={})
    assert caught.value.hint == f"did you mean web.workers? Nor is there zzz.x ({path}:4)"
