# SPDX-License-Identifier: Apache-2.0
"""Settings files: their text, and how they inherit."""

import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import characters, dictionaries, sampled_from, text

from poser.config import load
from poser.config.files import parse
from poser.errors import ConfigError


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def value(path: Path, key: str) -> str:
    entry = load([path]).get(key)
    assert entry is not None
    return entry.value


def test_a_value_keeps_everything_behind_the_first_equals_sign(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conf", "[db]", "url = postgresql:///poser?host=/run&x=50%25#top")
    assert value(path, "db.url") == "postgresql:///poser?host=/run&x=50%25#top"


def test_comments_blank_lines_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"\xef\xbb\xbf# a comment\n\n[poser]\n; another\nnode = store-1\n")
    assert value(path, "poser.node") == "store-1"


def test_indented_lines_continue_a_value(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conf", "[poser]", "node =", "  one", "  two", "role = store")
    assert value(path, "poser.node") == "one\ntwo"
    assert value(path, "poser.role") == "store"


def test_here_is_the_folder_of_the_file_that_says_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", "base.conf", "[poser]", "node = %(here)s/x")
    path = write(tmp_path, "a.conf", "[poser]", "require = sub/base.conf")
    assert value(path, "poser.node") == f"{tmp_path}/sub/x"


def test_a_file_wins_over_those_it_inherits_from(tmp_path: Path) -> None:
    write(tmp_path, "far.conf", "[poser]", "node = far", "role = far", "release = far")
    write(tmp_path, "near.conf", "[poser]", "require = far.conf", "node = near", "role = near")
    path = write(tmp_path, "a.conf", "[poser]", "node = own", "require = near.conf")
    assert [value(path, f"poser.{name}") for name in ("node", "role", "release")] == [
        "own",
        "near",
        "far",
    ]


def test_of_two_inherited_files_the_one_named_first_wins(tmp_path: Path) -> None:
    write(tmp_path, "one.conf", "[poser]", "node = one")
    write(tmp_path, "two.conf", "[poser]", "node = two", "role = two")
    path = write(tmp_path, "a.conf", "[poser]", "require = one.conf, two.conf")
    assert value(path, "poser.node") == "one"
    assert value(path, "poser.role") == "two"


def test_two_ways_to_the_same_file_are_no_circle(tmp_path: Path) -> None:
    write(tmp_path, "base.conf", "[poser]", "node = base")
    write(tmp_path, "one.conf", "[poser]", "require = base.conf")
    write(tmp_path, "two.conf", "[poser]", "require = base.conf")
    path = write(tmp_path, "a.conf", "[poser]", "require =", "  one.conf", "  two.conf")
    assert value(path, "poser.node") == "base"


def test_a_circle_is_named_with_all_its_files(tmp_path: Path) -> None:
    write(tmp_path, "b.conf", "[poser]", "include = c.conf")
    write(tmp_path, "c.conf", "[poser]", "include = a.conf")
    path = write(tmp_path, "a.conf", "[poser]", "require = b.conf")
    with pytest.raises(
        ConfigError, match=r"circle: .*a\.conf -> .*b\.conf -> .*c\.conf -> .*a\.conf"
    ):
        load([path])


def test_an_included_file_may_be_missing_and_a_required_one_may_not(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conf", "[poser]", "node = x", "include = nowhere.conf")
    assert value(path, "poser.node") == "x"
    path = write(tmp_path, "b.conf", "[poser]", "require = nowhere.conf")
    with pytest.raises(ConfigError, match=r"b\.conf:2: requires .*nowhere\.conf"):
        load([path])


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("node = x",), r"a\.conf:1: node stands before any"),
        (("[poser]", "what is this"), r"a\.conf:2: neither"),
        (("[poser]", "= x"), r"a\.conf:2: neither"),
        (
            ("[poser]", "node = a", "role = b", "node = c"),
            r"a\.conf:4: poser\.node is set twice.*line 2",
        ),
        (("[poser]", "node = %(home)s"), r"a\.conf:2: %\(home\)s means nothing"),
    ],
)
def test_what_is_no_ini_is_named_with_its_line(
    tmp_path: Path, lines: tuple[str, ...], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        load([write(tmp_path, "a.conf", *lines)])


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"[poser]\nnode = caf\xe9\n")
    with pytest.raises(ConfigError, match=r"a\.conf: not UTF-8 at byte 18"):
        load([path])


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no settings file"):
        load([tmp_path / "nowhere.conf"])
    with pytest.raises(ConfigError, match="cannot read settings file"):
        load([tmp_path])


def test_the_nearest_file_wins_over_one_that_is_inherited_first(tmp_path: Path) -> None:
    write(tmp_path, "base.conf", "[poser]", "node = base", "role = base", "release = base")
    write(tmp_path, "role.conf", "[poser]", "require = base.conf", "role = role")
    write(tmp_path, "site.conf", "[poser]", "node = site", "role = site")
    path = write(tmp_path, "a.conf", "[poser]", "require = role.conf, site.conf")
    assert [value(path, f"poser.{name}") for name in ("node", "role", "release")] == [
        "site",
        "role",
        "base",
    ]


def test_of_several_files_the_first_wins_with_all_that_it_inherits(tmp_path: Path) -> None:
    write(tmp_path, "base.conf", "[poser]", "node = base")
    one = write(tmp_path, "one.conf", "[poser]", "require = base.conf")
    two = write(tmp_path, "two.conf", "[poser]", "node = two", "role = two")
    config = load([one, two], environment={})
    assert [entry.value for entry in config.entries["poser.node"]] == ["base", "two"]
    assert config.entries["poser.role"][0].place == f"{two}:3"


def test_a_file_that_is_reached_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "base.conf", "[poser]", "node = base")
    paths = [write(tmp_path, f"{n}.conf", "[poser]", "require = base.conf") for n in range(3)]
    config = load([*paths, tmp_path / "base.conf"], environment={})
    assert len(config.entries["poser.node"]) == 1


def test_a_circle_behind_a_file_that_two_inherit_is_found(tmp_path: Path) -> None:
    write(tmp_path, "b.conf", "[poser]", "require = d.conf")
    write(tmp_path, "c.conf", "[poser]", "require = d.conf")
    write(tmp_path, "d.conf", "[poser]", "require = c.conf")
    path = write(tmp_path, "a.conf", "[poser]", "require = b.conf, c.conf")
    with pytest.raises(ConfigError, match=r"circle: .*d\.conf -> .*c\.conf -> .*d\.conf"):
        load([path])


def test_a_folder_stands_for_its_files_and_the_last_by_name_wins(tmp_path: Path) -> None:
    folder = tmp_path / "conf.d"
    folder.mkdir()
    write(folder, "10-base.conf", "[poser]", "node = base", "role = base")
    write(folder, "90-local.conf", "[poser]", "node = local")
    write(folder, "old.conf.bak", "what is this")
    write(folder, ".hidden.conf", "what is this")
    path = write(tmp_path, "a.conf", "[poser]", "include = conf.d/")
    assert value(path, "poser.node") == "local"
    assert value(path, "poser.role") == "base"
    write(tmp_path, "a.conf", "[poser]", "include = conf.d/", "node = own")
    assert value(path, "poser.node") == "own"


def test_an_empty_or_missing_folder_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    path = write(tmp_path, "a.conf", "[poser]", "include = empty/, nowhere/", "node = x")
    assert value(path, "poser.node") == "x"
    path = write(tmp_path, "b.conf", "[poser]", "require = nowhere/")
    with pytest.raises(ConfigError, match=r"b\.conf:2: requires .*nowhere"):
        load([path])


def test_what_stands_in_a_folder_and_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "conf.d"
    (folder / "sub.conf").mkdir(parents=True)
    path = write(tmp_path, "a.conf", "[poser]", "include = conf.d/")
    with pytest.raises(ConfigError, match=r"cannot read settings file .*sub\.conf: Is a dir"):
        load([path])


def test_a_file_that_cannot_be_read_is_named_even_where_it_may_be_missing(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(tmp_path / "locked.conf"))  # not to be opened, not even by root
    path = write(tmp_path, "a.conf", "[poser]", "include = locked.conf")
    with pytest.raises(ConfigError, match=r"cannot read settings file .*locked\.conf: No such dev"):
        load([path])


def test_links_that_lead_to_each_other_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.conf").symlink_to("y.conf")
    (tmp_path / "y.conf").symlink_to("x.conf")
    for path in (
        tmp_path / "x.conf",
        write(tmp_path, "a.conf", "[poser]", "include = x.conf"),
    ):
        with pytest.raises(ConfigError, match=r"cannot read settings file .*x\.conf"):
            load([path])


def test_a_circle_through_a_link_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conf", "[poser]", "include = same.conf")
    (tmp_path / "same.conf").symlink_to("a.conf")
    with pytest.raises(ConfigError, match="circle"):
        load([path])


def test_a_doubled_percent_sign_keeps_a_bracket_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conf", "[poser]", "node = 50% of %%(here)s, 100%%")
    assert value(path, "poser.node") == "50% of %(here)s, 100%%"


def test_line_ends_of_other_systems_are_fine_and_no_other_sign_ends_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes("[poser]\r\nnode = a\u2028b\r\nrole = x\r\n".encode())
    assert value(path, "poser.node") == "a\u2028b"
    assert value(path, "poser.role") == "x"


def test_half_a_secret_on_a_line_of_its_own_is_not_shown(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conf", "[db]", "the password is hunter2")
    with pytest.raises(ConfigError) as caught:
        load([path])
    assert "hunter2" not in str(caught.value)


@given(
    values=dictionaries(
        sampled_from(["node", "role", "release"]),
        text(alphabet=characters(exclude_categories=["C", "Z"]), min_size=1),
    )
)
def test_what_is_written_plainly_is_read_back_as_it_is(values: dict[str, str]) -> None:
    escaped = {key: value.replace("%(", "%%(") for key, value in values.items()}
    lines = "\n".join(f"{key} = {value}" for key, value in escaped.items())
    entries = parse(f"[poser]\n{lines}\n", Path("/etc/x.conf"))
    assert {entry.key.removeprefix("poser."): entry.value for entry in entries} == values
