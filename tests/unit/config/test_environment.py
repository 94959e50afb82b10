# SPDX-License-Identifier: Apache-2.0
"""Settings from environment variables."""

import re
from pathlib import Path

import pytest

from poser.config import Config, load
from poser.config.declared import declared_names
from poser.config.environment import OTHERS, variable
from poser.db.settings import DB_URL
from poser.errors import ConfigError
from web.settings import SECRET_FILE, WORKERS

ROOT = Path(__file__).resolve().parents[3]


def read(folder: Path, text: str = "", **environment: str) -> Config:
    path = folder / "a.conf"
    path.write_text(text, encoding="utf-8")
    return load([path], environment=environment)


def test_the_environment_wins_over_every_file(tmp_path: Path) -> None:
    config = read(tmp_path, "[web]\nworkers = 3\n", POSER_WEB_WORKERS="5")
    assert WORKERS(config) == 5
    assert [entry.place for entry in config.entries["web.workers"]] == [
        "environment POSER_WEB_WORKERS",
        f"{tmp_path}/a.conf:2",
    ]


def test_what_only_files_may_say_the_environment_may_say_too(tmp_path: Path) -> None:
    assert DB_URL(read(tmp_path, POSER_DB_URL="postgresql:///x")) == "postgresql:///x"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("POSER_WEB_WORKER", "did you mean POSER_WEB_WORKERS?"),
        ("POSER_QQQQQQ", "unset POSER_QQQQQQ"),
        ("POSER_POSER_INCLUDE", ""),
    ],
)
def test_a_variable_that_stands_for_nothing_is_an_error_with_the_nearest(
    tmp_path: Path, word: str, hint: str
) -> None:
    with pytest.raises(ConfigError, match=f"environment: {word} stands for no setting") as caught:
        read(tmp_path, **{word: "x"})
    assert hint in caught.value.hint


def test_a_wrong_value_is_named_with_its_variable(tmp_path: Path) -> None:
    config = read(tmp_path, POSER_WEB_WORKERS="many", POSER_WEB_SECRET_FILE="secret")
    with pytest.raises(ConfigError, match=r"POSER_WEB_WORKERS: web\.workers must be a"):
        WORKERS(config)
    with pytest.raises(ConfigError, match="must be a path from the root"):
        SECRET_FILE(config)


def test_other_programs_variables_are_left_alone(tmp_path: Path) -> None:
    read(tmp_path, POSER_CONFIG="/nowhere", POSER_INVENTORY="x", PATH="/bin", POSERX="1")


def test_every_variable_that_the_source_reads_is_a_settings_or_known() -> None:
    quoted = re.compile(r"[\"'](POSER_[A-Z_]+)[\"']")
    known = OTHERS | {variable(name) for name in declared_names()}
    folders = ("poser", "web", "control", "roles", "tests/support", "tests/machines", "bench")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    found = {word for path in paths for word in quoted.findall(path.read_text("utf-8"))}
    assert {"POSER_CONFIG", "POSER_INVENTORY"} <= found
    assert found - known == set()
