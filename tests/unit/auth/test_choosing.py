# SPDX-License-Identifier: Apache-2.0
"""Passwords that would be guessed first are refused when they are chosen."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poser.auth.choosing import check_chosen, is_easy, is_listed
from poser.config import load
from poser.errors import PoserError

EASY = [
    "passwordpassword", "Password1234!", "P@ssw0rd2026", "123456789012", "aaaaaaaaaaaa",
    "abababababab", "qwertyuiop12", "qwertzuiop!!", "welcome-store-1", "annaannaanna",
    "Anna2026Anna!", "anna-schmidt-1", "letmeinletmein", "abcdefghijkl", "321321321321",
    "changeme2026", "            ", "poserposer26",
]  # fmt: skip
GOOD = ["correct horse battery", "a good long password", "83920174650293", "Ölwanne, Hut & Tee"]


@pytest.mark.parametrize("password", EASY)
def test_what_everybody_tries_first_is_easy(password: str) -> None:
    assert is_easy(password, ["anna", "Anna Schmidt", "store-1"])


@pytest.mark.parametrize("password", GOOD)
def test_a_few_words_are_not(password: str) -> None:
    assert not is_easy(password, ["anna", "Anna Schmidt", "store-1"])


def test_the_name_of_the_node_is_known() -> None:
    config = load([], environment={"POSER_POSER_NODE": "broadway"})
    with pytest.raises(PoserError, match="easy to guess"):
        check_chosen(config, "broadwaybroadway", names=["anna"])
    check_chosen(load([], environment={}), "broadway bridge lamp", names=["anna"])


def write(path: Path, passwords: list[str], tail: str) -> Path:
    sums = [hashlib.sha1(each.encode(), usedforsecurity=False).hexdigest() for each in passwords]
    path.write_text("".join(f"{each.upper()}{tail}\n" for each in sorted(sums)))
    return path


@given(
    st.lists(st.text("abc", min_size=1), max_size=40), st.text("abc"), st.sampled_from(["", ":7"])
)
def test_a_list_is_searched_whole(
    tmp_path_factory: pytest.TempPathFactory, listed: list[str], asked: str, tail: str
) -> None:
    path = write(tmp_path_factory.mktemp("lists") / "stolen", listed, tail)
    assert is_listed(asked, path) == (asked in listed)
    assert all(is_listed(each, path) for each in listed)


def test_what_is_on_the_list_is_refused_and_a_missing_list_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "stolen", ["correct horse battery", "x", "y"], ":3")
    config = load([], environment={"POSER_AUTH_STOLEN_PASSWORDS": str(path)})
    with pytest.raises(PoserError, match="on a list of stolen ones"):
        check_chosen(config, "correct horse battery", names=[])
    check_chosen(config, "correct horse battery staple", names=[])
    path.unlink()
    with pytest.raises(PoserError, match="cannot be read"):
        check_chosen(config, "correct horse battery", names=[])
