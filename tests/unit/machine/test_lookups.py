# SPDX-License-Identifier: Apache-2.0
"""What is read from a machine, as its own files and programs say it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from poser.errors import PoserError
from poser.machine.look import answers
from poser.machine.lookups import postgresql
from poser.machine.started import fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from poser.machine.facts import Fact
    from tests.unit.machine.small_machine import SmallMachine

STATUS = """\
Package: nginx
Status: install ok installed
Priority: optional
Version: 1.26.3-3
Description: web server
 Package: this line only looks like one
 Status: install ok half-installed

Package: libgone
Status: deinstall ok config-files
Version: 2.0

Package: postgresql-17
Essential: no
Status: install ok half-configured
Version: 17.6

Package: broken
Status: install reinstreq unpacked
Version: 1

Package: held
Status: hold ok installed
Version: 3
"""


def look(root: Path, table: str, name: str) -> Fact:
    return answers([(table, name)], str(root)).get(table, name)


@pytest.fixture
def dpkg(tmp_path: Path) -> Path:
    folder = tmp_path / "var/lib/dpkg"
    (folder / "updates").mkdir(parents=True)
    (folder / "status").write_text(STATUS)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("nginx", {"status": "installed", "version": "1.26.3-3"}),
        ("libgone", {"status": "config-files", "version": "2.0"}),
        ("postgresql-17", {"status": "half-configured", "version": "17.6"}),
        ("held", {"status": "installed", "version": "3"}),
        ("ngin", None),
    ],
)
def test_a_package_is_what_dpkg_says(dpkg: Path, name: str, fact: Fact) -> None:
    assert look(dpkg, "package", name) == fact


def test_interrupted_packages_are_found_whoever_installed_them(dpkg: Path) -> None:
    found = {"broken": ["broken", "postgresql-17"], "interrupted": False}
    assert look(dpkg, "dpkg", "") == found


def test_a_dpkg_killed_while_it_wrote_is_seen(dpkg: Path) -> None:
    (dpkg / "var/lib/dpkg/updates/0003").write_text("Package: x\n")
    assert (look(dpkg, "dpkg", "") or {})["interrupted"]


def test_a_machine_without_dpkg_has_no_packages(tmp_path: Path) -> None:
    assert look(tmp_path, "package", "nginx") is None


def test_each_kind_of_path_is_told(machine: SmallMachine) -> None:
    folder = machine.root / "srv"
    folder.mkdir(mode=0o750)
    (folder / "file").write_text("käse\n")
    (folder / "link").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    (folder / "image").write_bytes(b"\xff\xfe")
    (folder / "long").write_bytes(b"x" * (2 << 20))
    names = ("file", "link", "pipe", "image", "long", "none")
    queries = [("path", f"/srv/{name}") for name in names]
    facts = answers([*queries, ("path", "/srv")], str(machine.root)).tables["path"]
    kinds = {path.rpartition("/")[2]: fact and fact["type"] for path, fact in facts.items()}
    assert kinds == {
        "file": "file", "link": "link", "pipe": "other", "image": "file", "long": "file",
        "none": None, "srv": "directory",
    }  # fmt: skip
    assert (facts["/srv/file"] or {})["content"] == "käse\n"
    assert (facts["/srv/file"] or {})["owner"] == "root"
    assert (facts["/srv/link"] or {})["target"] == "nowhere"
    for name in ("image", "long"):
        fact = facts[f"/srv/{name}"] or {}
        assert "content" not in fact
        assert len(fact["sha256"]) == 64


def test_fingerprints_tell_different_things_apart() -> None:
    common = {"mode": 0o644, "owner": "root", "group": "root"}
    facts: list[Fact] = [
        None,
        {"type": "directory", **common},
        {"type": "file", "content": "a", **common},
        {"type": "file", "content": "b", **common},
        {"type": "file", "sha256": "ab", **common},
        {"type": "link", "target": "a", **common},
    ]
    assert len({fingerprint(fact) for fact in facts}) == len(facts)


def test_a_user_that_was_half_made_is_seen(machine: SmallMachine) -> None:
    passwd = machine.root / "etc/passwd"
    passwd.write_text(passwd.read_text() + "shop:x:4711:4712::/srv/shop:/bin/false\n")
    group = machine.root / "etc/group"
    group.write_text(group.read_text() + "adm:x:4:shop,other\n")
    assert look(machine.root, "user", "shop") == {
        "uid": 4711, "gid": 4712, "group": "", "home": "/srv/shop", "shell": "/bin/false",
        "groups": ["adm"], "in_shadow": False,
    }  # fmt: skip


def test_a_broken_line_in_passwd_hides_no_other(machine: SmallMachine) -> None:
    passwd = machine.root / "etc/passwd"
    passwd.write_text("broken\n:::\nx:y:z:1:2:3:4\n" + passwd.read_text())
    assert (look(machine.root, "user", "root") or {})["home"] == "/root"


def test_memory_is_the_smaller_of_machine_and_container(machine: SmallMachine) -> None:
    assert look(machine.root, "memory", "") == {"mib": 4000}
    folder = machine.root / "sys/fs/cgroup"
    folder.mkdir(parents=True)
    (folder / "memory.max").write_text("1073741824\n")
    assert look(machine.root, "memory", "") == {"mib": 1024}
    (folder / "memory.max").write_text("max\n")
    assert look(machine.root, "memory", "") == {"mib": 4000}


def test_all_units_are_asked_in_one_call(machine: SmallMachine) -> None:
    (machine.root / "etc/systemd/system/shop.service").write_text("[Service]\n")
    queries = [("unit", "gone.service"), ("unit", "shop.service")]
    units = answers(queries, str(machine.root)).tables["unit"]
    loads = {name: fact and fact["load"] for name, fact in units.items()}
    assert loads == {"gone.service": "not-found", "shop.service": "loaded"}


def test_a_table_that_nothing_answers_is_an_error() -> None:
    with pytest.raises(PoserError, match="moon"):
        answers([("moon", "phase")])


def test_a_server_that_is_not_installed_is_unknown_not_wrong(machine: SmallMachine) -> None:
    fact = look(machine.root, "pg_role", "poser") or {}
    assert "unknown" in fact


@pytest.mark.parametrize(
    ("paths", "state"),
    [
        ((), ("none", "none")),
        (("var/lib/postgresql/17/main/PG_VERSION",), ("none", "new")),
        (("etc/postgresql/17/main/postgresql.conf",), ("partial", "none")),
        (
            ("etc/postgresql/17/main/environment", "var/lib/postgresql/17/main/postmaster.opts"),
            ("partial", "used"),
        ),
    ],
)
def test_half_of_a_cluster_is_told_from_a_whole_one(
    tmp_path: Path, paths: tuple[str, ...], state: tuple[str, str]
) -> None:
    for name in paths:
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    fact = look(tmp_path, "pg_cluster", "17/main") or {}
    assert (fact["config"], fact["data"]) == state


def test_a_whole_cluster_includes_its_folder_of_settings(tmp_path: Path) -> None:
    folder = tmp_path / "etc/postgresql/17/main"
    folder.mkdir(parents=True)
    (folder / "environment").touch()
    (folder / "postgresql.conf").write_text("#include_dir = 'x'\n")
    assert (look(tmp_path, "pg_cluster", "17/main") or {})["config"] == "partial"
    (folder / "postgresql.conf").write_text("port = 5432\ninclude_dir = 'conf.d'\n")
    assert (look(tmp_path, "pg_cluster", "17/main") or {})["config"] == "complete"


def test_names_with_quotes_stay_data_in_sql() -> None:
    text = postgresql.script({"pg_role": ["a'; drop table x; --"], "pg_heads": ['b"c']})
    assert "('a''; drop table x; --')" in text
    assert '\\connect "b""c"' in text
    assert text.endswith("""\\echo '{"table": "end"}'\n""")


def test_what_psql_says_becomes_facts() -> None:
    rows = [
        {"table": "pg_role", "name": "a", "fact": {"login": True}},
        {"table": "pg_database", "name": "d", "fact": {"owner": "a", "extensions": []}},
        {"table": "extensions", "name": "d", "fact": {"names": ["pg_trgm"]}},
        {"table": "end"},
    ]
    queries = [("pg_role", "a"), ("pg_role", "b"), ("pg_database", "d"), ("pg_true", "d select 1")]
    assert postgresql.read(queries, [json.dumps(row) for row in rows]) == {
        ("pg_role", "a"): {"login": True},
        ("pg_role", "b"): None,
        ("pg_database", "d"): {"owner": "a", "extensions": ["pg_trgm"]},
        ("pg_true", "d select 1"): {"true": False},
    }
