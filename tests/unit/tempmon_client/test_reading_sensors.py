# SPDX-License-Identifier: Apache-2.0
"""Sensors say temperatures or one of many kinds of nonsense: each is told for what it is."""

import time
from pathlib import Path

import pytest

from tempmon_client.one_wire import Buses, found
from tempmon_client.scratchpad import crc
from tempmon_client.wire import Fault
from tests.support.one_wire import HOT, JUST_ON, ONES, WEAK, ZEROS, Tree, eight_bytes, text

A, B = "28-000000000001", "28-000000000002"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree.make(tmp_path / "devices")


def read(tree: Tree, *addresses: str, given_up_s: float = 5.0) -> list[object]:
    buses = Buses(tree.devices, given_up_s=given_up_s, sleep=lambda _: None)
    measured = buses.measure(addresses).values()
    return [one.hundredths if one.fault is None else one.fault for one in measured]


@pytest.mark.parametrize("celsius", [-55.0, -18.3125, -0.0625, 0.0625, 4.25, 21.5, 84.9375, 125.0])
def test_temperatures_are_read_to_the_hundredth(tree: Tree, celsius: float) -> None:
    tree.put(A, celsius)
    assert read(tree, A) == [round(celsius * 100)]


def test_fewer_bits_leave_out_what_was_not_measured(tree: Tree) -> None:
    nine_bits = "57 01 4b 46 1f ff 10 10"  # 0x157 with three bits of noise
    tree.put_text(A, text(nine_bits))
    assert read(tree, A) == [2100]


@pytest.mark.parametrize(
    ("said", "is_read"),
    [
        pytest.param(text(JUST_ON, says=85000), Fault.LOST_POWER, id="85 that nobody measured"),
        pytest.param(text("50 05 4b 46 1f ff 0c 10"), Fault.LOST_POWER, id="the same in 9 bits"),
        pytest.param(text(HOT, says=85000), 8500, id="85 that was measured"),
        pytest.param(text(WEAK, says=127937), Fault.WEAK_POWER, id="weak power"),
        pytest.param(text(ZEROS), Fault.SHORT, id="held to ground"),
        pytest.param(
            text(eight_bytes(4.0), checksum=1, says=4000), Fault.BAD_CRC, id="bad checksum"
        ),
        pytest.param(text(ONES, checksum=0xFF), Fault.BAD_CRC, id="nothing but ones"),
        pytest.param("", Fault.INCOMPLETE, id="empty"),
        pytest.param(text(eight_bytes(4.0)).partition("\n")[0], Fault.INCOMPLETE, id="one line"),
        pytest.param("50 05 4b : crc=00 YES\n t=1\n", Fault.INCOMPLETE, id="too few bytes"),
        pytest.param("garbage\ngarbage\n", Fault.INCOMPLETE, id="no bytes at all"),
        pytest.param(text("00 0f 4b 46 7f ff 10 10"), Fault.OUT_OF_RANGE, id="240 degrees"),
    ],
)
def test_nonsense_is_told_for_what_it_is(tree: Tree, said: str, is_read: object) -> None:
    tree.put_text(A, said)
    assert read(tree, A) == [is_read]


def test_the_old_value_behind_a_bad_checksum_is_never_believed(tree: Tree) -> None:
    first, _, _ = text(eight_bytes(30.0), checksum=1).partition("\n")
    tree.put_text(A, f"{first}\n{eight_bytes(4.0)} 00 t=4000\n")
    assert read(tree, A) == [Fault.BAD_CRC]


def test_what_was_garbled_once_is_read_again(tree: Tree) -> None:
    tree.put_text(A, text(eight_bytes(4.0), checksum=1))
    slept: list[float] = []

    def mend(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:  # the first is the conversion
            tree.put(A, 4.0)

    buses = Buses(tree.devices, sleep=mend)
    assert buses.measure([A])[A].hundredths == 400


def test_an_unplugged_sensor_is_gone(tree: Tree) -> None:
    tree.put(A, 4.0)
    tree.unplug(A)
    assert read(tree, A, "28-00000000abcd") == [Fault.GONE, Fault.GONE]


def test_one_that_hangs_holds_up_nobody_and_comes_back(tree: Tree) -> None:
    fifo = tree.hang(A)
    tree.put(B, 4.0)
    buses = Buses(tree.devices, given_up_s=0.3, sleep=lambda _: None)
    for _ in range(3):
        began = time.monotonic()
        measured = buses.measure([A, B])
        assert time.monotonic() - began < 1
        assert (measured[A].fault, measured[B].hundredths) == (Fault.SLOW, 400)
    with fifo.open("w") as line:  # it answers at last
        line.write(text(eight_bytes(9.0)))
    fifo.unlink()
    tree.put(A, 5.0)
    buses.given_up_s = 5.0
    assert {buses.measure([A])[A].hundredths for _ in range(2)} <= {900, 500}


def test_all_of_a_bus_convert_at_once(tree: Tree) -> None:
    tree.put(A, 4.0)
    slept: list[float] = []
    Buses(tree.devices, sleep=slept.append).measure([A])
    assert (tree.devices / "w1_bus_master1" / "therm_bulk_read").read_text() == "trigger\n"
    assert slept == [0.75]


def test_thermometers_are_found_and_nothing_else(tree: Tree) -> None:
    for address in (B, A, "10-0008019a2b3c"):
        tree.put(address, 4.0)
    for other in ("00-400000000000", "29-000000000001", "spi0"):
        (tree.devices / other).mkdir()
    assert found(tree.devices) == ["10-0008019a2b3c", A, B]
    assert found(tree.devices / "nowhere") == []


def test_the_checksum_is_that_of_the_datasheet() -> None:
    # Maxim's application note 27: the serial number 02 1C B8 01 00 00 00 has A2.
    assert crc(bytes.fromhex("021cb801000000")) == 0xA2
