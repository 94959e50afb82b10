# SPDX-License-Identifier: Apache-2.0
"""Releases with extensions: another content is another release, and what does not fit is told."""

import subprocess
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from control import extensions, inventory, release, wheels
from control.paths import CHECKOUT
from control.release import Target
from poser.errors import ConfigError, PoserError
from roles.paper import paper
from roles.poser_conf import poser_conf

COOP = CHECKOUT / "examples" / "coop"
PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "poser-cards"
version = "1.0"
dependencies = [{needs}]
[tool.setuptools.packages.find]
include = ["poser_cards*"]
"""
REVISION = 'revision = "{}"\ndown_revision = {}\nneeds = "{}"\n'


def make_extension(folder: Path, *, needs: str = '"poser"') -> Path:
    """Write an extension with one migration."""
    package = folder / "poser_cards"
    (package / "migrations").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT.format(needs=needs))
    (package / "__init__.py").write_text('"""Cards."""\n')
    first = REVISION.format("cards_0001", None, "poser_0001")
    (package / "migrations" / "0001_cards.py").write_text(first)
    return folder


def make_wheel(folder: Path, name: str, content: str = "") -> str:
    """Write a small valid wheel of version 1.0 and return its SHA-256."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": content,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in files.items():
            archive.writestr(zipfile.ZipInfo(each), text)
    return sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a small tree in place of the checkout, whose own wheel is made without setuptools."""
    tree = tmp_path / "checkout"
    revisions = tree / "migrations" / "versions" / "poser"
    revisions.mkdir(parents=True)
    (revisions / "0001.py").write_text('revision = "poser_0001"\n')
    lock = tree / "node.txt"
    index = tmp_path / "index"
    index.mkdir()
    lock.write_text(f"one==1.0 --hash=sha256:{make_wheel(index, 'one')}\n")

    def build_fast(_root: Path, folder: Path) -> Path:
        make_wheel(folder, "poser")
        return folder / "poser-1.0-py3-none-any.whl"

    monkeypatch.setattr(wheels, "build_own", build_fast)
    monkeypatch.setattr(release, "ROOT", tree)
    monkeypatch.setattr(release, "STATE", tmp_path / "state")
    monkeypatch.setattr(extensions, "STATE", tmp_path / "state")
    monkeypatch.setattr(release, "REQUIREMENTS", lock)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return tree


@pytest.mark.usefixtures("checkout")
def test_a_release_brings_the_wheel_of_its_extensions(tmp_path: Path) -> None:
    plain = release.build(Target())
    folder = make_extension(tmp_path / "cards")
    built = release.build(Target(extensions=(folder,)))
    assert built.id != plain.id
    assert built.extensions == built.ref.extensions == ("poser_cards",)
    assert built.heads == {"poser": ("poser_0001", "cards_0001")}
    listed = subprocess.run(["tar", "-tf", built.path], capture_output=True, text=True, check=True)
    assert "wheels/poser_cards-1.0-py3-none-any.whl" in listed.stdout
    assert release.build(Target()) == plain
    assert release.build(Target(extensions=(folder,))) == built


@pytest.mark.usefixtures("checkout")
def test_another_content_of_an_extension_is_another_release(tmp_path: Path) -> None:
    folder = make_extension(tmp_path / "cards")
    target = Target(extensions=(folder,))
    first = release.build(target)
    (folder / "tests").mkdir()
    (folder / "tests" / "test_cards.py").write_text("")
    assert release.is_built(target), "its tests are no part of it"
    (folder / "poser_cards" / "prices.py").write_text('"""Prices."""\n')
    assert not release.is_built(target)
    second = release.build(target)
    assert second.id != first.id
    (folder / "poser_cards" / "prices.py").unlink()
    assert release.build(target) == first


@pytest.mark.usefixtures("checkout")
def test_an_extension_is_built_the_same_from_anywhere(tmp_path: Path) -> None:
    one, other = (make_extension(tmp_path / name) for name in ("one", "b"))
    built = [release.build(Target(extensions=(folder,))) for folder in (one, other)]
    assert built[0].sha256 == built[1].sha256


@pytest.mark.usefixtures("checkout")
def test_what_it_needs_of_others_must_be_locked(tmp_path: Path) -> None:
    folder = make_extension(tmp_path / "cards", needs='"poser", "two>=1; python_version > \'3\'"')
    with pytest.raises(PoserError, match="needs two, which no release brings") as caught:
        release.build(Target(extensions=(folder,)))
    assert "requirements.txt" in caught.value.hint
    hashed = make_wheel(tmp_path / "index", "two")
    (folder / "requirements.txt").write_text(f"two==1.0 --hash=sha256:{hashed}\n")
    built = release.build(Target(extensions=(folder,)))
    listed = subprocess.run(["tar", "-tf", built.path], capture_output=True, text=True, check=True)
    assert "wheels/two-1.0-py3-none-any.whl" in listed.stdout


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("0001_cards.py", REVISION.format("cards_0001", None, "poser_0009"), "'poser_0009', which"),
        ("0002_more.py", REVISION.format("cards_0002", None, "poser_0001"), "2 newest migrations"),
        ("0002_more.py", "", "0002_more.py names no revision"),
    ],
)
def test_a_branch_that_does_not_fit_is_told_before_anything_is_sent(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    folder = make_extension(tmp_path / "cards")
    (folder / "poser_cards" / "migrations" / name).write_text(text)
    with pytest.raises(ConfigError, match=words):
        release.build(Target(extensions=(folder,)))


def test_a_folder_without_one_package_is_no_extension(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is no extension: it has no pyproject\.toml"):
        extensions.source(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    with pytest.raises(ConfigError, match="has no Python packages, it needs one"):
        extensions.source(tmp_path)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    with pytest.raises(ConfigError, match="has 2 Python packages, it needs one: one, two"):
        extensions.source(tmp_path)


def test_machines_have_the_extensions_of_all_and_their_own(tmp_path: Path) -> None:
    make_extension(tmp_path / "cards")
    path = tmp_path / "inventory.toml"
    path.write_text(
        'extensions = ["examples/coop"]\n[lab]\n[machines.one]\nrole = "store"\n'
        f'[machines.two]\nrole = "store"\nextensions = ["{tmp_path}/cards", "examples/coop"]\n'
    )
    one, two = inventory.load(path).machines
    assert one.extensions == (COOP,)
    assert two.extensions == (COOP, tmp_path / "cards")


def test_the_settings_of_a_node_name_its_extensions() -> None:
    host = paper("store")
    assert "extensions" not in poser_conf(host, {})
    ref = release.BuiltRelease(
        id="r1", sha256="0" * 64, path=Path(), heads={}, extensions=("poser_a", "poser_b")
    ).ref
    assert "\nextensions = poser_a, poser_b\n" in poser_conf(replace(host, release=ref), {})
