# SPDX-License-Identifier: Apache-2.0
"""Wheels: the same tree makes the same bytes, hashes hold, interrupted builds heal."""

import os
import subprocess
import zipfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from control import release, release_build, wheels
from control.migration_heads import heads
from control.release import Target
from poser.errors import ConfigError, PoserError

PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "poser"
version = "1.2"
[tool.setuptools.packages.find]
include = ["poser*"]
[tool.setuptools.package-data]
"*" = ["*.sql"]
"""


def make_tree(folder: Path) -> Path:
    (folder / "poser" / "db").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "poser" / "__init__.py").write_text('"""Poser."""\n')
    (folder / "poser" / "db" / "__init__.py").write_text("")
    (folder / "poser" / "db" / "claim.sql").write_text("select 1;\n")
    return folder


def make_wheel(folder: Path, name: str, version: str = "1.0", content: str = "") -> str:
    """Write a small valid wheel and return the SHA-256 of it."""
    files = {
        f"{name}.py": content,
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\n"
        f"Version: {version}\n",
        f"{name}-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {
        path: urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")
        for path, text in files.items()
    }
    record = f"{name}-{version}.dist-info/RECORD"
    lines = [f"{path},sha256={digest},\n" for path, digest in digests.items()]
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in {**files, record: "".join((*lines, f"{record},,\n"))}.items():
            archive.writestr(zipfile.ZipInfo(each), text)
    return sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that pip takes packages from, and nothing else."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_the_same_tree_makes_the_same_wheel(tmp_path: Path) -> None:
    built = []
    for place, mask in (("one", 0o022), ("a/b/other", 0o077)):
        old = os.umask(mask)
        try:
            tree = make_tree(tmp_path / place)
            (tmp_path / place / "out").mkdir()
            built.append(wheels.build_own(tree, tree / "out").read_bytes())
        finally:
            os.umask(old)
    assert built[0] == built[1]


def test_building_leaves_the_tree_as_it_is(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree")
    before = sorted(tree.rglob("*"))
    wheel = wheels.build_own(tree, tmp_path)
    assert sorted(tree.rglob("*")) == before
    assert wheel.name == "poser-1.2-py3-none-any.whl"
    assert "poser/db/claim.sql" in zipfile.ZipFile(wheel).namelist()


def test_a_file_that_would_be_missing_on_nodes_stops_the_build(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree")
    (tree / "poser" / "db" / "picture.webp").write_text("")
    with pytest.raises(
        PoserError, match=r"1 files would be missing .* poser/db/picture\.webp"
    ) as e:
        wheels.build_own(tree, tmp_path)
    assert ".webp to [tool.setuptools.package-data]" in e.value.hint


def test_a_build_that_fails_says_so_in_the_builders_words(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree")
    (tree / "pyproject.toml").write_text(PYPROJECT.replace('version = "1.2"', 'version = "x y"'))
    with pytest.raises(PoserError, match=r"(?s)our own wheel could not be built:.*version"):
        wheels.build_own(tree, tmp_path)
    assert not list(tmp_path.glob("*.whl"))


def test_locked_packages_are_fetched_once(index: Path, tmp_path: Path) -> None:
    digest = make_wheel(index, "one")
    lock = tmp_path / "node.txt"
    lock.write_text(f"# locked\none==1.0 \\\n    --hash=sha256:{digest}\n")
    folder = wheels.others(lock, Target(), tmp_path / "cache")
    assert [path.name for path in folder.iterdir()] == ["one-1.0-py3-none-any.whl"]
    (index / "one-1.0-py3-none-any.whl").unlink()
    assert wheels.others(lock, Target(), tmp_path / "cache") == folder


def test_a_package_with_another_hash_is_refused(index: Path, tmp_path: Path) -> None:
    digest = make_wheel(index, "one")
    make_wheel(index, "one", content="evil = True")
    lock = tmp_path / "node.txt"
    lock.write_text(f"one==1.0 --hash=sha256:{digest}\n")
    with pytest.raises(PoserError, match=r"(?s)packages of .*HASHES"):
        wheels.others(lock, Target(), tmp_path / "cache")
    assert not [path for path in (tmp_path / "cache").iterdir() if path.is_dir()]


def test_a_package_that_does_not_exist_is_named(index: Path, tmp_path: Path) -> None:
    lock = tmp_path / "node.txt"
    lock.write_text(f"none-such==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(PoserError, match=r"(?s)could not be built.*none-such"):
        wheels.others(lock, Target(), tmp_path / "cache")
    assert index.is_dir()


def test_markers_are_judged_by_the_target_and_not_by_this_computer() -> None:
    text = """
a==1 ; python_full_version < '3.13' \\
    --hash=sha256:aa
b==1 ; python_full_version >= '3.13' and sys_platform == 'linux' \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via nothing
c==1 ; sys_platform == 'win32' --hash=sha256:dd
d==1 ; platform_machine == 'aarch64' --hash=sha256:ee
"""
    assert wheels._lines_for(text, Target()) == ["b==1 --hash=sha256:bb --hash=sha256:cc"]
    assert len(wheels._lines_for(text, Target(processor="aarch64"))) == 2


@pytest.fixture
def checkout(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a small tree in place of the checkout, with one locked package."""
    tree = make_tree(tmp_path / "checkout")
    (tree / "migrations" / "versions" / "poser").mkdir(parents=True)
    (tree / "migrations" / "versions" / "poser" / "0001.py").write_text('revision = "one"\n')
    lock = tree / "node.txt"
    lock.write_text(f"one==1.0 --hash=sha256:{make_wheel(index, 'one')}\n")

    def build_fast(root: Path, folder: Path) -> Path:
        """Stand in for setuptools, which takes a second; it is tested above."""
        make_wheel(folder, "poser", "1.2", (root / "poser" / "__init__.py").read_text())
        return folder / "poser-1.2-py3-none-any.whl"

    monkeypatch.setattr(wheels, "build_own", build_fast)
    monkeypatch.setattr(release, "ROOT", tree)
    monkeypatch.setattr(release, "STATE", tmp_path / "state")
    monkeypatch.setattr(release, "REQUIREMENTS", lock)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tree


def test_a_release_is_built_once_and_again_when_something_changes(checkout: Path) -> None:
    first = release.build(Target())
    assert first.id.rpartition("-")[2] == first.sha256[:12]
    assert sha256(first.path.read_bytes()).hexdigest() == first.sha256
    assert first.heads == {"poser": ("one",)}
    assert release.is_built(Target())
    assert release.build(Target()) == first
    (checkout / "poser" / "__init__.py").write_text('"""Poser, changed."""\n')
    assert not release.is_built(Target())
    second = release.build(Target())
    assert second.id != first.id
    (checkout / "poser" / "__init__.py").write_text('"""Poser."""\n')
    assert release.build(Target()) == first


def test_a_bundle_installs_with_hashes_and_without_an_index(checkout: Path, tmp_path: Path) -> None:
    built = release.build(Target())
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    subprocess.run(["tar", "-xf", built.path, "-C", unpacked], check=True)
    lines = (unpacked / "requirements.txt").read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["one==1.0", "poser==1.2"]
    for line, wheel in zip(lines, sorted((unpacked / "wheels").iterdir()), strict=True):
        assert line.endswith(f"--hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}")
    assert checkout.is_dir()


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("step", ["_write_bundle", "_prune"])
def test_a_build_that_is_cut_off_heals(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    with monkeypatch.context() as patched:

        def cut(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(release_build, step, cut)
        with pytest.raises(KeyboardInterrupt):
            release.build(Target())
    built = release.build(Target())
    assert sha256(built.path.read_bytes()).hexdigest() == built.sha256
    left = {path.name for path in built.path.parent.iterdir()}
    assert not [name for name in left if name.startswith(".unfinished")]


@pytest.mark.usefixtures("checkout")
def test_a_damaged_bundle_is_found_before_it_is_sent() -> None:
    built = release.build(Target())
    with built.path.open("r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    with pytest.raises(PoserError, match="was damaged in the cache"):
        release.verified(built)
    assert release.verified(release.build(Target())) == built.path


@pytest.mark.usefixtures("checkout")
def test_a_bundle_that_is_gone_is_built_again() -> None:
    first = release.build(Target())
    first.path.unlink()
    with pytest.raises(PoserError, match="has been deleted from the cache"):
        release.verified(first)
    assert not release.is_built(Target())
    assert release.build(Target()) == first


def test_bundles_that_are_not_used_any_more_are_deleted(checkout: Path) -> None:
    source = checkout / "poser" / "__init__.py"
    built = []
    for number in range(release_build.KEEP + 3):
        source.write_text(f'"""Poser {number}."""\n')
        built.append(release.build(Target()).path)
        if number < 3:
            os.utime(built[-1], (0, 0))
    assert [path.exists() for path in built] == [False] * 3 + [True] * release_build.KEEP
    assert len(list(release.folder().glob("*.json"))) == len(list(release.folder().glob("*.tar")))


@pytest.mark.usefixtures("checkout")
def test_what_a_killed_build_left_is_deleted_by_the_next() -> None:
    left = release.folder() / ".unfinished-killed"
    left.mkdir(parents=True)
    (left / "bundle.tar").write_bytes(b"half")
    release.build(Target())
    assert not left.exists()


def test_a_bundle_that_is_used_stays(checkout: Path) -> None:
    first = release.build(Target())
    os.utime(first.path, (0, 0))
    release.build(Target())
    assert first.path.stat().st_mtime > 0
    assert checkout.is_dir()


def write_revisions(folder: Path, *pairs: tuple[str, str]) -> Path:
    (folder / "poser").mkdir(parents=True)
    for number, (revision, after) in enumerate(pairs):
        text = f"revision: str = {revision!r}\ndown_revision: str | None = {after or None!r}\n"
        (folder / "poser" / f"{number:04}.py").write_text(text)
    return folder


def test_heads_are_the_revisions_that_no_other_follows(tmp_path: Path) -> None:
    folder = write_revisions(tmp_path, ("one", ""), ("two", "one"), ("three", "one"))
    assert heads(folder) == {"poser": ("three", "two")}


def test_a_revision_after_an_unknown_one_is_named(tmp_path: Path) -> None:
    folder = write_revisions(tmp_path, ("two", "one"))
    with pytest.raises(ConfigError, match=r"0000\.py follows the migration 'one'"):
        heads(folder)


def test_a_migration_without_a_revision_is_named(tmp_path: Path) -> None:
    (tmp_path / "poser").mkdir()
    (tmp_path / "poser" / "0001.py").write_text("x = 1\n")
    with pytest.raises(ConfigError, match=r"0001\.py names no revision"):
        heads(tmp_path)
