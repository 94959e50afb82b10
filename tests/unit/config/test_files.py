# SPDX-License-Identifier: Apache-2.0
"""Settings files: their text, and how they inherit."""

from pathlib import Path

import pytest

from poser.config import load
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
