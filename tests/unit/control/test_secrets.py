# SPDX-License-Identifier: Apache-2.0
"""Secrets: made once, private, whole."""

import os
import stat
import threading
from pathlib import Path

import pytest

from control import private_files
from control.secrets import Secrets
from control.ssh_keys import public_line, sign_in_key
from poser.errors import ConfigError


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path / "secrets")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_made_once_and_is_private(secrets: Secrets) -> None:
    made = secrets.of_machine("store-1")["web-secret"].reveal()
    assert secrets.of_machine("store-1")["web-secret"].reveal() == made
    assert len(made) >= 43
    assert mode(secrets.folder) == mode(secrets.folder / "store-1") == 0o700
    assert mode(secrets.folder / "store-1" / "web-secret") == 0o600
    assert [path.name for path in (secrets.folder / "store-1").iterdir()] == ["web-secret"]


def test_machines_do_not_share_secrets(secrets: Secrets) -> None:
    one, other = (secrets.of_machine(name)["web-secret"] for name in ("store-1", "store-2"))
    assert one != other


def test_passwords_can_be_typed(secrets: Secrets) -> None:
    password = secrets.of_machine("store-1")["admin-password"].reveal()
    assert len(password) == 23
    assert not set(password) & set("0O1lI \n")


def test_only_secrets_that_exist_are_listed(secrets: Secrets) -> None:
    of_machine = secrets.of_machine("store-1")
    secrets.replace("store-1/tls.key", "not one of them")
    assert (list(of_machine), len(of_machine), "web-secret" in of_machine) == ([], 0, False)
    of_machine["web-secret"]
    assert list(of_machine) == ["web-secret"]
    assert "web-secret" in of_machine


@pytest.mark.parametrize("wrong", [0o640, 0o604, 0o620])
def test_a_secret_that_others_can_read_is_refused(secrets: Secrets, wrong: int) -> None:
    secrets.of_machine("store-1")["web-secret"]
    path = secrets.folder / "store-1" / "web-secret"
    path.chmod(wrong)
    with pytest.raises(ConfigError, match=r"web-secret can be read or changed by others") as raised:
        secrets.of_machine("store-1")["web-secret"]
    assert "chmod 600" in raised.value.hint


def test_a_folder_that_others_can_enter_is_refused(secrets: Secrets) -> None:
    secrets.of_machine("store-1")["web-secret"]
    secrets.folder.chmod(0o755)
    with pytest.raises(ConfigError, match="can be read or changed by others") as raised:
        secrets.of_machine("store-1")["web-secret"]
    assert "chmod 700" in raised.value.hint


def test_a_file_in_place_of_the_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("")
    with pytest.raises(ConfigError, match="secrets cannot be used"):
        Secrets(tmp_path / "secrets").of_machine("store-1")["web-secret"]


def test_two_runs_at_the_same_time_get_the_same_secret(secrets: Secrets) -> None:
    got: list[str] = []
    both_made = threading.Barrier(2)

    def make(text: str) -> str:
        both_made.wait(timeout=5)
        return text

    def run(text: str) -> None:
        got.append(secrets.text("shared", lambda: make(text)))

    threads = [threading.Thread(target=run, args=(text,)) for text in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 1
    assert got[0] == (secrets.folder / "shared").read_text()


def test_a_write_that_is_cut_off_leaves_the_old_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = private_files.folder(tmp_path / "secrets") / "key"
    private_files.replace(path, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="key cannot be used: No space left on device"):
        private_files.replace(path, "new")
    assert path.read_text() == "old"
    assert [each.name for each in path.parent.iterdir()] == ["key"]


def test_the_key_to_sign_in_is_made_once_and_fits(secrets: Secrets) -> None:
    pair = sign_in_key(secrets)
    assert sign_in_key(secrets) == pair
    assert mode(pair.path) == 0o600
    assert pair.public == public_line(pair.path.read_text()).strip()
    assert pair.public.startswith("ssh-ed25519 ")
