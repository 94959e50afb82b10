# SPDX-License-Identifier: Apache-2.0
"""What wins, for whom, and that a parsed value is never older than what was said."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from poser.config import Config, Entry, Flag, Origin, Row, Setting
from poser.config.settings import DECLARED
from poser.config.view import wrong_row
from poser.errors import ConfigError

BUYERS, CASHIERS, OWNERS = (UUID(int=number) for number in (1, 2, 3))
NAMES = {BUYERS: "Buyers", CASHIERS: "Cashiers", OWNERS: "Owners"}
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    yield
    for name in [name for name in DECLARED if name.startswith("test.")]:
        del DECLARED[name]


def written(value: str, origin: Origin = Origin.FILE) -> Config:
    entry = Entry(key="test.x", value=value, origin=origin, place="a.conf:2")
    return Config(entries={"test.x": (entry,)}, paths=(Path("a.conf"),))


def row(value: str, role: UUID | None = None, name: str = "test.x") -> Row:
    return Row(name=name, value=value, user_role_id=role, user_role=NAMES[role] if role else "")


def number(*, file_only: bool = False) -> Setting[int]:
    return Setting("test.x", int, default=1, low=0, high=99, doc="A number.", file_only=file_only)


def test_a_file_wins_over_a_row_and_a_row_over_the_default() -> None:
    setting, config = number(), written("7")
    config.take([row("8")])
    assert setting(config) == 7
    config = Config()
    assert setting(config) == 1
    config.take([row("8")])
    assert setting(config) == 8


def test_what_was_parsed_is_forgotten_when_the_rows_change() -> None:
    setting, config = number(), Config()
    for value in ("3", "4", "4", "5"):
        config.take([row(value)])
        assert setting(config) == int(value)
        assert setting(config) == int(value)
    config.take([])
    assert setting(config) == 1


def test_another_config_has_its_own_values() -> None:
    setting = number()
    one, two = written("7"), written("8")
    assert [setting(one), setting(two), setting(one)] == [7, 8, 7]


def test_a_value_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    setting, config = number(), written("7")
    parsed: list[str] = []
    parse = setting.parse

    def counted(entry: Entry) -> int:
        parsed.append(entry.value)
        return parse(entry)

    monkeypatch.setattr(setting, "parse", counted)
    for _ in range(3):
        assert setting(config) == 7
        config.take([row("8")])
    assert parsed == ["7"]


def test_a_wrong_value_in_a_file_is_an_error_at_each_read() -> None:
    setting, config = number(), written("many")
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"a\.conf:2: test\.x must be a whole number"):
            setting(config)


@pytest.mark.parametrize("value", ["many", "100", ""])
def test_a_wrong_row_is_as_good_as_none_and_logged_once(
    value: str, caplog: pytest.LogCaptureFixture
) -> None:
    setting, config = number(), Config()
    config.take([row(value)])
    with caplog.at_level(logging.WARNING):
        assert [setting(config) for _ in range(3)] == [1, 1, 1]
    assert len(caplog.records) == 1


def test_a_row_never_decides_what_only_files_may_say() -> None:
    setting, config = number(file_only=True), Config()
    config.take([row("8")])
    assert setting(config) == 1
    secret = Setting("test.x", str, default="", doc="d", secret=True)
    assert secret(config) == ""


def test_a_source_is_asked_once_and_only_for_what_a_row_may_decide() -> None:
    asked: list[int] = []

    def source() -> list[Row]:
        asked.append(1)
        return [row("8")]

    pinned, config = number(), written("7")
    config.ask(source)
    assert pinned(config) == 7
    assert number(file_only=True)(config) == 7
    assert asked == []
    config = Config()
    config.ask(source)
    assert [number()(config), number()(config)] == [8, 8]
    assert asked == [1]


def test_a_flag_may_be_on_for_a_user_role_alone() -> None:
    flag, config = Flag("test.x", doc="A feature."), Config()
    config.take([row("yes", BUYERS)])
    assert flag(config) is False
    assert flag(config, user_roles={BUYERS}) is True
    assert flag(config, user_roles={CASHIERS}) is False
    assert flag(config, user_roles={CASHIERS, BUYERS}) is True


def test_of_several_user_roles_yes_wins_over_no_and_both_over_everybodys() -> None:
    flag, config = Flag("test.x", doc="A feature."), Config()
    config.take([row("yes"), row("no", BUYERS), row("yes", OWNERS)])
    assert flag(config) is True
    assert flag(config, user_roles={BUYERS}) is False
    assert flag(config, user_roles={BUYERS, OWNERS}) is True
    assert flag(config, user_roles={CASHIERS}) is True


def test_of_other_values_the_user_role_first_by_name_decides() -> None:
    setting = Setting("test.x", int, default=1, doc="d", restart=False, per_user_role=True)
    config = Config()
    config.take([row("30", OWNERS), row("20", CASHIERS), row("5")])
    assert setting(config, user_roles=[OWNERS, CASHIERS]) == 20
    assert setting(config, user_roles=[OWNERS]) == 30
    assert setting(config, user_roles=[BUYERS]) == 5


def test_a_file_holds_for_every_user_role() -> None:
    flag, config = Flag("test.x", doc="A feature."), written("no")
    config.take([row("yes", BUYERS)])
    assert flag(config, user_roles={BUYERS}) is False


def test_a_wrong_row_of_a_user_role_leaves_everybodys() -> None:
    flag, config = Flag("test.x", doc="A feature."), Config()
    config.take([row("perhaps", BUYERS), row("yes")])
    assert flag(config, user_roles={BUYERS}) is True


def test_what_differs_by_user_role_is_no_setting_of_a_start() -> None:
    for more in ({"secret": True}, {"file_only": True}, {"restart": True}):
        options = {"restart": False, **more}
        with pytest.raises(ValueError, match="cannot be read only at a start"):
            Setting("test.x", int, doc="d", per_user_role=True, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "setting", "message"),
    [
        (row("4", name="test.y"), None, "database: there is no setting test.y"),
        (row("x"), number(), "must be a whole number"),
        (row("4"), number(file_only=True), "is never read from the database"),
        (row("4", BUYERS), number(), "for user role Buyers: test.x cannot differ by user role"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_what_to_do(
    wrong: Row, setting: Setting[int] | None, message: str
) -> None:
    found = wrong_row(wrong, setting)
    assert found is not None
    assert message in found.message
    assert "poser config" in found.hint
    assert wrong_row(row("4"), number()) is None


def test_no_module_reads_a_setting_while_it_is_imported() -> None:
    # In a process of its own: here, all is imported already.
    program = """
import importlib, pkgutil
from poser.config import load, settings
def refuse(*_args, **_more):
    raise SystemExit("a setting is read at import time")
settings.Setting.__call__ = refuse
importlib.import_module("poser.config.load").load = refuse
import poser.config
poser.config.load = refuse
count = 0
for package in ("poser", "web"):
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
            count += 1
print(count)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 50
