# SPDX-License-Identifier: Apache-2.0
"""Inventories: what a good one says, and that every mistake is named with its line and a hint.

Each file in `inventories/` begins with its mistakes: `# mistake: LINE: TEXT | PART OF THE HINT`.
"""

import re
from pathlib import Path

import pytest

from control import inventory
from control.paths import CHECKOUT
from poser.errors import ConfigError

FILES = sorted((Path(__file__).parent / "inventories").glob("*.toml"))
MISTAKE = re.compile(r"# mistake: (?P<line>\d+): (?P<text>.*?) \| (?P<hint>.*)")


def write(folder: Path, text: str) -> Path:
    path = folder / "inventory.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_mistake_is_named_with_its_line_and_a_hint(file: Path) -> None:
    expected = [MISTAKE.fullmatch(line) for line in file.read_text().splitlines()]
    expected = [match for match in expected if match]
    with pytest.raises(ConfigError) as raised:
        inventory.load(file)
    told = raised.value.message + "\n" + raised.value.hint
    assert expected
    assert told.count(f"{file.name}:") == len(expected)
    for match in expected:
        assert f"{file.name}:{match['line']}: {match['text']}" in told
        assert match["hint"] in told


def test_a_file_that_is_not_toml_is_named_with_the_place(tmp_path: Path) -> None:
    path = write(tmp_path, "[machines.store-1]\nrole = store\n")
    with pytest.raises(ConfigError, match=r"is not valid TOML: .*line 2"):
        inventory.load(path)


def test_a_missing_file_is_named_with_what_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no inventory .*none\.toml") as raised:
        inventory.load(tmp_path / "none.toml")
    assert "POSER_INVENTORY" in raised.value.hint


def test_a_folder_is_no_inventory(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        inventory.load(tmp_path)


def test_the_inventories_of_the_repository_are_well() -> None:
    for path in sorted((CHECKOUT / "inventory").glob("*.toml")):
        assert inventory.load(path).machines


def test_the_default_is_a_store_in_the_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POSER_INVENTORY", raising=False)
    machine = inventory.load().one("role=store")
    assert (machine.name, machine.in_lab, machine.address) == ("store-1", True, "")
    assert machine.examples


def test_the_environment_names_another_inventory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, '[machines.till]\nrole = "store"\naddress = "192.0.2.1"\n')
    monkeypatch.setenv("POSER_INVENTORY", str(path))
    loaded = inventory.load()
    assert [machine.name for machine in loaded.machines] == ["till"]
    assert loaded.secrets == tmp_path / "secrets"


def test_settings_of_machine_go_before_site_before_all(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        [lab]
        [settings]
        web.workers = 1
        web.threads = 1
        web.time_zone = "UTC"
        [sites.north.settings]
        web.workers = 2
        web.threads = 2
        [machines.store-1]
        role = "store"
        site = "north"
        settings.web.workers = 3
        settings.mail.relay = true
        """,
    )
    assert inventory.load(path).machines[0].settings == {
        "web.workers": "3",
        "web.threads": "2",
        "web.time_zone": "UTC",
        "mail.relay": "true",
    }


def test_machines_with_an_address_are_not_in_the_lab(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '[lab]\n[machines.a]\nrole = "store"\n'
        '[machines.b]\nrole = "store"\naddress = "b.example"\nuser = "debian"\nport = 2222\n',
    )
    here, there = inventory.load(path).machines
    assert (here.in_lab, here.user, here.port) == (True, "root", 22)
    assert (there.in_lab, there.user, there.port) == (False, "debian", 2222)


def test_two_inventories_have_two_labs(tmp_path: Path) -> None:
    text = '[lab]\n[machines.a]\nrole = "store"\n'
    (tmp_path / "other").mkdir()
    one, other = write(tmp_path, text), write(tmp_path / "other", text)
    assert inventory.load(one).id != inventory.load(other).id
    assert re.fullmatch("[0-9a-f]{6}", inventory.load(one).id)


def test_a_mirror_can_be_named(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '[lab]\n[mirror]\nuris = ["http://m.example/debian"]\n'
        'security_uris = ["http://m.example/security"]\n[machines.a]\nrole = "store"\n',
    )
    mirror = inventory.load(path).mirror
    assert mirror is not None
    assert (mirror.uris, mirror.suite) == (("http://m.example/debian",), "trixie")
