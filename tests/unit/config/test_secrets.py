# SPDX-License-Identifier: Apache-2.0
"""Secrets in files of their own: who may read them, and what is never shown."""

import os
from pathlib import Path

import pytest

from poser.config import Config, Setting, load
from poser.config.secret_files import read_secret
from poser.db.settings import DB_URL
from poser.errors import ConfigError


def secret_file(folder: Path, text: str = "hunter2\n", mode: int = 0o600) -> Path:
    path = folder / "secret"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def node(folder: Path, value: str) -> Config:
    path = folder / "a.conf"
    path.write_text(f"[db]\nurl = {value}\n", encoding="utf-8")
    return load([path], environment={})


def test_a_secret_may_be_in_a_file_of_its_own_beside_the_settings_file(tmp_path: Path) -> None:
    secret_file(tmp_path, "postgresql:///x\n", mode=0o640)
    assert DB_URL(node(tmp_path, "file:secret")) == "postgresql:///x"


@pytest.mark.parametrize("mode", [0o644, 0o602, 0o606])
def test_a_secret_that_everyone_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = secret_file(tmp_path, mode=mode)
    with pytest.raises(ConfigError, match=f"everyone on this machine can read or write {path}"):
        DB_URL(node(tmp_path, "file:secret"))


def test_a_secret_that_cannot_be_read_is_named_with_its_setting_and_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"a\.conf:2: db\.url cannot be read: No such") as caught:
        DB_URL(node(tmp_path, "file:nowhere"))
    assert f"{tmp_path}/nowhere" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "is empty"), (" \n", "is empty"), ("x" * 70_000, "is longer than 65536 bytes")],
)
def test_a_file_without_a_secret_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_secret(secret_file(tmp_path, text), "the secret")


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(ConfigError, match="is no file"):
            read_secret(path, "the secret")


def test_a_secret_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = secret_file(tmp_path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        read_secret(path, "the secret")


def test_no_error_shows_a_secret(tmp_path: Path) -> None:
    secret = Setting("test.pin", int, doc="A number.", secret=True)
    secret_file(tmp_path)
    path = tmp_path / "a.conf"
    path.write_text("[db]\nurl =\n", encoding="utf-8")
    config = load([path], environment={})
    entry = config.entries["db.url"][0]
    for value in ("hunter2", "file:secret"):
        given = type(entry)(
            key="test.pin", value=value, origin=entry.origin, place="x", folder=tmp_path
        )
        with pytest.raises(ConfigError) as caught:
            secret.parse(given)
        assert "hunter2" not in str(caught.value) + caught.value.hint
