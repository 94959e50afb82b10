# SPDX-License-Identifier: Apache-2.0
"""What a probe writes its node reads, and whatever else comes is refused by name."""

import gzip
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempmon_client import signing, wire
from tempmon_client.fields import WireError
from tempmon_client.settings import Correction, Limits, SensorSettings, Settings
from tempmon_client.wire import (
    Answer,
    Fault,
    Message,
    Reading,
    SeenSensor,
    Stamp,
)

BOOTS = [UUID(int=n) for n in range(3)]
NUMBERS = st.integers(0, 2**53 - 1)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
STAMPS = st.builds(
    Stamp,
    boot=st.sampled_from(BOOTS),
    monotonic_ms=NUMBERS,
    wall_ms=NUMBERS,
    is_synced=st.booleans(),
)
DEGREES = st.integers(wire.COLDEST, wire.HOTTEST)
SENSORS = st.sampled_from(["28-1", "28-2"])
READINGS = st.one_of(
    st.builds(Reading, number=st.just(0), sensor=SENSORS, taken=STAMPS, hundredths=DEGREES),
    st.builds(
        Reading,
        number=st.just(0),
        sensor=SENSORS,
        taken=STAMPS,
        fault=st.sampled_from(Fault),
        raw=st.binary(max_size=9),
    ),
)
WARNS = st.none() | st.integers(-9000, 9000)
SETTINGS = st.builds(
    Settings,
    version=NUMBERS,
    name=NAMES,
    interval_s=st.integers(1, 3600),
    sensors=st.dictionaries(
        SENSORS,
        st.builds(
            SensorSettings,
            name=NAMES,
            limits=st.builds(Limits, warning_low=WARNS, critical_high=WARNS),
            correction=st.builds(Correction, low_by=st.integers(-500, 500)),
        ),
    ),
)
_NEXT = st.lists(READINGS, max_size=20)


@given(readings=_NEXT, sent=STAMPS, board=st.none() | DEGREES, names=st.lists(NAMES, max_size=3))
def test_a_message_comes_as_it_was_sent(
    readings: list[Reading], sent: Stamp, board: int | None, names: list[str]
) -> None:
    numbered = tuple(
        Reading(
            number=place + 1,
            sensor=one.sensor,
            taken=one.taken,
            hundredths=one.hundredths,
            fault=one.fault,
            raw=one.raw,
        )
        for place, one in enumerate(readings)
    )
    message = Message(
        serial="100000003d1d1c36",
        number=7,
        sent=sent,
        release="0.1.0",
        board_hundredths=board,
        troubles=tuple(names),
        sensors=(SeenSensor(address="28-1", hundredths=401),),
        readings=numbered,
    )
    assert wire.decode(wire.encode(message)) == message


@given(settings=st.none() | SETTINGS, taken=NUMBERS)
def test_an_answer_comes_as_it_was_given(settings: Settings | None, taken: int) -> None:
    answer = Answer(taken=taken, now_ms=5, settings=settings, identify_s=30)
    assert wire.decode_answer(wire.encode_answer(answer)) == answer


def said(change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a message in which one thing is otherwise."""
    stamp = Stamp(boot=BOOTS[0], monotonic_ms=1, wall_ms=2, is_synced=True)
    reading = Reading(number=1, sensor="28-1", taken=stamp, hundredths=400)
    whole = Message(serial="1", number=1, sent=stamp, release="0", readings=(reading,))
    found = json.loads(gzip.decompress(wire.encode(whole)))
    change(found)
    return gzip.compress(json.dumps(found).encode())


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda m: m.pop("serial"), "serial: it is missing"),
        (lambda m: m.update(format=2), "format is 2"),
        (lambda m: m.update(number=0), "number: a whole number from 1"),
        (lambda m: m.update(number=True), "number: a whole number"),
        (lambda m: m.update(boots=["x"]), "boots: 'x' is not a UUID"),
        (lambda m: m.update(sent=[1, 2]), "sent: 4 whole numbers"),
        (lambda m: m["sent"].__setitem__(0, 9), "sent: no boot"),
        (lambda m: m.update(readings={}), "readings: a list"),
        (lambda m: m["readings"][0].pop(), r"readings\[0\]: a number"),
        (lambda m: m["readings"][0].__setitem__(6, 99999), "cannot be measured"),
        (lambda m: m["readings"][0].__setitem__(6, "tired"), "'tired' is no fault"),
        (lambda m: m["readings"][0].__setitem__(6, 4.5), "1 whole numbers"),
        (lambda m: m["readings"][0].__setitem__(1, 5), "sensor 5 is none"),
        (lambda m: m.update(readings=m["readings"] * 2), "do not ascend"),
        (lambda m: m.update(readings=m["readings"] * 1001), "at most 1000"),
        (lambda m: m.update(release="x" * 65), "release: a text of at most 64"),
        (lambda m: m.update(release="a\0"), "release: a text"),
    ],
)
def test_what_is_wrong_is_named(change: Callable[[dict[str, Any]], object], word: str) -> None:
    with pytest.raises(WireError, match=word):
        wire.decode(said(change))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "cut off"),
        (b"hello", "not packed"),
        (gzip.compress(b"{"), "not JSON"),
        (gzip.compress(b"[]"), "an object"),
        (gzip.compress(b"x" * (wire.LARGEST + 1)), "more than"),
        (gzip.compress(b"{}") + b"more", "something stands behind"),
        (gzip.compress(b"{}")[:-3], "cut off"),
    ],
    ids=["empty", "plain", "half", "list", "bomb", "more", "cut"],
)
def test_bytes_that_are_no_message_are_refused(data: bytes, word: str) -> None:
    with pytest.raises(WireError, match=word):
        wire.decode(data)


def test_only_the_key_signs_and_only_for_one_path_and_body() -> None:
    key, body = bytes(32), b"readings"
    header = signing.authorization("1000", key, wire.READINGS_PATH, body)
    serial, shown = signing.signed_by(header)
    assert serial == "1000"
    assert signing.is_signed(key, wire.READINGS_PATH, body, shown)
    assert not signing.is_signed(key, wire.PROBES_PATH, body, shown)
    assert not signing.is_signed(key, wire.READINGS_PATH, body + b".", shown)
    assert not signing.is_signed(b"1" * 32, wire.READINGS_PATH, body, shown)
    assert not signing.is_signed(key, wire.READINGS_PATH, body, "ä")
    for other in ("", "Bearer x", "Poser-Probe serial=1", "Poser-Probe serial=1, signature=2, a=3"):
        with pytest.raises(WireError, match="authorization"):
            signing.signed_by(other)


@pytest.mark.parametrize(
    ("correction", "hundredths", "becomes"),
    [
        (Correction(), 400, 400),
        (Correction(low_by=-30), 400, 370),
        (Correction(low=0, low_by=10, high=10000, high_by=110), 5000, 5060),
        (Correction(low=0, low_by=10, high=10000, high_by=110), -1000, -1000),
    ],
)
def test_readings_are_corrected_along_a_line(
    correction: Correction, hundredths: int, becomes: int
) -> None:
    assert correction.of(hundredths) == becomes
