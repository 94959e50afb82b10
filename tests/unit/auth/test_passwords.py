# SPDX-License-Identifier: Apache-2.0
"""Passwords: hashed with Argon2id, by length alone."""

import pytest

from poser.auth.passwords import LONGEST, SHORTEST, hash_password, is_outdated, is_right
from poser.errors import PoserError


def test_a_hash_is_argon2id_with_todays_parameters_and_a_salt_of_its_own() -> None:
    one, other = hash_password("a good long password"), hash_password("a good long password")
    assert one != other
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not is_outdated(one)
    assert is_right(one, "a good long password")
    assert not is_right(one, "a good long passworD")


def test_letters_that_look_the_same_are_the_same() -> None:
    kept = hash_password("caf\u00e9 caf\u00e9 caf\u00e9")
    assert is_right(kept, "cafe\u0301 cafe\u0301 cafe\u0301")


@pytest.mark.parametrize("length", [0, SHORTEST - 1, LONGEST + 1])
def test_a_password_that_is_too_short_or_too_long_is_refused(length: int) -> None:
    with pytest.raises(PoserError, match=f"this one has {length}"):
        hash_password("x" * length)


def test_nothing_is_right_without_a_hash_or_with_a_broken_one() -> None:
    assert not is_right(None, "nobody has this password")
    assert not is_right("$argon2id$broken", "x")
