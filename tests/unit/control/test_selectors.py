# SPDX-License-Identifier: Apache-2.0
"""Selectors: which machines a word on the command line names."""

from dataclasses import dataclass

import pytest

from control.selectors import NoSuchMachine, is_selector, select


@dataclass
class Row:
    name: str
    role: str
    site: str


ALL = (
    Row("hub", "host", ""),
    Row("store-1", "store", "north"),
    Row("store-2", "store", "south"),
    Row("store-3", "store", "north"),
)


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("all", "hub store-1 store-2 store-3"),
        ("role=store", "store-1 store-2 store-3"),
        ("host=store-2", "store-2"),
        ("role=store,site=north", "store-1 store-3"),
        ("role=store,role=host", "hub store-1 store-2 store-3"),
        ("host=store-3,host=hub", "hub store-3"),
        ("site=north,host=store-1,host=store-3", "store-1 store-3"),
        ("role=store, site=south", "store-2"),
    ],
)
def test_a_selector_names_machines_in_the_order_of_the_inventory(selector: str, names: str) -> None:
    assert " ".join(each.name for each in select(ALL, selector, file="x.toml")) == names


@pytest.mark.parametrize(
    ("selector", "message", "hint"),
    [
        ("role=stroe", "no machine of x.toml has role=stroe", "did you mean 'store'?"),
        ("host=store-9", "has host=store-9", "did you mean 'store-"),
        ("site=west", "has site=west", "x.toml has: north, south"),
        ("rol=store", "cannot be selected by 'rol'", "did you mean 'role'?"),
        ("store-1", "does not say which machines", "host=store-1"),
        ("role=host,site=north", "fits 'role=host,site=north' as a whole", "must all fit"),
        ("all,role=store", "'all' cannot be combined", "role=store"),
        ("", "does not say which machines", "host=store-1"),
        ("role=store,", "does not say which machines", "host=store-1"),
    ],
)
def test_an_unknown_selector_names_the_nearest(selector: str, message: str, hint: str) -> None:
    with pytest.raises(NoSuchMachine) as raised:
        select(ALL, selector, file="x.toml")
    assert message in raised.value.message
    assert hint in raised.value.hint


def test_options_are_no_selectors() -> None:
    assert is_selector("role=store")
    assert is_selector("all")
    assert not is_selector("--jobs=3")
    assert not is_selector("3")
