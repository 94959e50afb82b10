# SPDX-License-Identifier: Apache-2.0
"""A part of a queue on its way: it comes as it was sent, or not at all."""

import gzip
import json
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poser.datasync import wire
from poser.datasync.reading import Change, Part

EPOCH = UUID(int=7)
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
# As PostgreSQL writes jsonb, which has no NUL: a line each, whatever the texts hold.
ROWS = st.dictionaries(
    st.text(min_size=1, max_size=8), st.text() | st.integers() | st.none() | st.floats(-9, 9)
).map(lambda row: json.dumps(row, ensure_ascii=False))


@st.composite
def parts(draw: st.DrawFn) -> Part:
    """Draw a part whose changes ascend."""
    after = draw(st.integers(0, 10**15))
    steps = draw(st.lists(st.integers(1, 1000), max_size=8))
    places = [after + sum(steps[: n + 1]) for n in range(len(steps))]
    changes = tuple(
        Change(
            place,
            draw(st.datetimes(timezones=st.just(UTC))),
            draw(st.sampled_from(["products", "prices"])),
            draw(st.uuids()),
            draw(st.integers(0, 10**15)),
            draw(st.none() | ROWS),
        )
        for place in places
    )
    upto = (places[-1] if places else after) + draw(st.integers(0, 9))
    return Part(
        epoch=draw(st.uuids()),
        after=after,
        upto=upto,
        head=upto + draw(st.integers(0, 9)),
        received=draw(st.integers(0, 10**15)),
        columns={"products": ("id", "name")},
        changes=changes,
    )


def some(count: int = 3) -> Part:
    """Make a part with a few changes."""
    changes = tuple(
        Change(n, AT, "products", UUID(int=n), 0, '{"name": "Tea"}') for n in range(2, 2 + count)
    )
    return Part(
        epoch=EPOCH,
        after=1,
        upto=9,
        head=9,
        received=0,
        columns={"products": ("name",)},
        changes=changes,
    )


def told(part: Part, **other: object) -> bytes:
    """Write a part whose first line says something else; its checksum is right."""
    head, _, rest = wire.unpacked(wire.encode(part)).partition(b"\n")
    said = {**json.loads(head), **other}
    return gzip.compress(json.dumps(said).encode() + b"\n" + rest)


@given(part=parts())
def test_what_is_sent_comes(part: Part) -> None:
    assert wire.decode(wire.encode(part)) == part


@given(part=parts(), data=st.data())
def test_what_is_cut_is_refused(part: Part, data: st.DataObject) -> None:
    sent = wire.encode(part)
    cut = sent[: data.draw(st.integers(0, len(sent) - 1))]
    with pytest.raises(wire.Garbled):
        wire.decode(cut)


@given(part=parts(), data=st.data())
def test_a_bit_that_falls_over_is_noticed(part: Part, data: st.DataObject) -> None:
    sent = bytearray(wire.encode(part))
    at = data.draw(st.integers(0, len(sent) - 1))
    sent[at] ^= 1 << data.draw(st.integers(0, 7))
    with suppress(wire.Garbled):  # but for bits of gzip's own header that say nothing
        assert wire.decode(bytes(sent)) == part


@given(junk=st.binary())
def test_what_is_no_part_is_refused(junk: bytes) -> None:
    for data in (junk, gzip.compress(junk), gzip.compress(b"{}\n" + junk)):
        with pytest.raises(wire.Garbled):
            wire.decode(data)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"format": 2}, "its format is 2, this release reads 1"),
        ({"count": 2}, "it has 3 changes and says 2"),
        ({"sha256": "0" * 64}, "its checksum is wrong"),
        ({"after": 4}, "not between the places"),
        ({"upto": 3}, "not between the places"),
        ({"after": -1}, "not between the places"),
        ({"epoch": "nobody"}, "ValueError"),
        ({"columns": ["products"]}, "AttributeError"),
    ],
)
def test_what_says_something_else_of_itself_is_refused(
    other: dict[str, object], words: str
) -> None:
    with pytest.raises(wire.Garbled, match=words):
        wire.decode(told(some(), **other))


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 0, 1), (0, 2, 1)])
def test_changes_that_are_mixed_up_or_doubled_are_refused(order: tuple[int, ...]) -> None:
    sent = wire.unpacked(wire.encode(some())).splitlines(keepends=True)
    body = b"".join(sent[1 + n] for n in order)
    said = {**json.loads(sent[0]), "sha256": sha256(body).hexdigest()}
    with pytest.raises(wire.Garbled, match="not in order"):
        wire.decode(gzip.compress(json.dumps(said).encode() + b"\n" + body))


def test_a_part_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST", 10_000)
    with pytest.raises(wire.Garbled, match="more than 10000 bytes"):
        wire.decode(gzip.compress(b"0" * 10_000_000))
