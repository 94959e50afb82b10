# SPDX-License-Identifier: Apache-2.0
"""Networks and numbers of a lab."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.lab.addresses import (
    RANGE,
    Taken,
    cache_address,
    choose_network,
    control_address,
    next_number,
)
from poser.errors import PoserError


def taken(network: str, by: str = "eth0") -> Taken:
    return Taken(network=IPv4Network(network), by=by)


def test_the_first_free_network_is_taken() -> None:
    others = [taken("10.77.0.0/24"), taken("10.77.1.128/25"), taken("192.0.2.0/24")]
    assert choose_network("", others) == IPv4Network("10.77.2.0/24")


def test_a_route_to_everything_takes_nothing_away() -> None:
    of_a_vpn = [taken("0.0.0.0/0"), taken("0.0.0.0/1"), taken("128.0.0.0/1")]
    assert choose_network("", of_a_vpn) == IPv4Network("10.77.0.0/24")


def test_a_network_routed_elsewhere_is_refused_by_the_name_of_who_has_it() -> None:
    with pytest.raises(PoserError, match=r"cannot have 10\.90\.1\.0/24: wg0 has 10\.90\.0\.0/16"):
        choose_network("10.90.1.0/24", [taken("10.90.0.0/16", by="wg0")])


def test_a_whole_range_routed_elsewhere_asks_for_another() -> None:
    with pytest.raises(PoserError, match="cannot have any network of") as refused:
        choose_network("", [taken("10.0.0.0/8", by="tun0")])
    assert "[lab] network" in refused.value.hint


@given(st.lists(st.integers(0, 255), max_size=255))
def test_a_chosen_network_never_overlaps_one_that_is_taken(third: list[int]) -> None:
    others = [taken(f"10.77.{number}.0/24") for number in third]
    if len(set(third)) == 256:
        return
    chosen = choose_network("", others)
    assert chosen.subnet_of(RANGE)
    assert not any(chosen.overlaps(other.network) for other in others)


@pytest.mark.parametrize(("network", "first"), [("10.77.0.0/24", 11), ("10.77.0.0/28", 3)])
def test_machines_begin_after_this_computer_and_the_cache(network: str, first: int) -> None:
    net = IPv4Network(network)
    assert str(control_address(net)) == "10.77.0.1"
    assert str(cache_address(net)) == "10.77.0.2"
    assert next_number(net, ()) == first
    assert next_number(net, (first, first + 2)) == first + 1, "a gap is filled"


def test_a_full_network_says_so() -> None:
    net = IPv4Network("10.77.0.0/29")
    used: list[int] = []
    for _ in range(4):
        used.append(next_number(net, used))
    assert used == [3, 4, 5, 6], "not the network's own address, nor its broadcast"
    with pytest.raises(PoserError, match="has no address left"):
        next_number(net, used)
