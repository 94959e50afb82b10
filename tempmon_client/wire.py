# SPDX-License-Identifier: Apache-2.0
"""What a probe and its node say to each other over HTTPS; both sides read and write it here.

A message brings readings, an answer says how far they are kept and what the probe is to do. Both
are JSON, the message packed with gzip and signed (tempmon_client.signing). Whatever comes twice
changes nothing: readings are told apart by the serial number of the probe and a number that it
counts up for ever.
"""

import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from tempmon_client.fields import Fields, WireError
from tempmon_client.settings import MOST_SENSORS, Settings, settings_in, settings_out

FORMAT = 1
READINGS_PATH = "/api/1/readings"
PROBES_PATH = "/api/1/probes"
CONTENT_TYPE = "application/x-poser-readings"
MOST_READINGS = 1000
"""How many readings a message may have."""
LARGEST = 1024 * 1024
"""How many bytes a message may have when it is unpacked."""
COLDEST, HOTTEST = -5500, 12500
"""What a DS18B20 can measure, in hundredths of a degree Celsius."""
_NEVER = 2**53
_PLAIN = 7
"""How many things are said of a reading; of one that failed one more."""


class Fault(StrEnum):
    """Why a sensor gave no temperature."""

    LOST_POWER = "lost_power"
    """It holds the value that it has when it was just switched on: nothing was measured."""
    WEAK_POWER = "weak_power"
    """Its supply broke down while it measured."""
    SHORT = "short"
    """The data line is held to ground."""
    BAD_CRC = "bad_crc"
    INCOMPLETE = "incomplete"
    """It answered less than it has to."""
    GONE = "gone"
    """It is not found on the bus any more."""
    SLOW = "slow"
    """It did not answer in time."""
    OUT_OF_RANGE = "out_of_range"
    """What it said is no temperature that it can measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A moment as a probe knows it: milliseconds since 1970 by its clock, and since it was booted.

    `is_synced` says whether a time server had set the clock.
    """

    boot: UUID
    monotonic_ms: int
    wall_ms: int
    is_synced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one sensor said at one moment: hundredths of a degree Celsius, or a fault.

    `number` ascends for ever, over restarts, too. `raw` are the bytes behind a fault.
    """

    number: int
    sensor: str
    taken: Stamp
    hundredths: int | None = None
    fault: Fault | None = None
    raw: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSensor:
    """A sensor that the probe finds, and what it said last."""

    address: str
    resolution_bits: int = 12
    is_parasitic: bool = False
    hundredths: int | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a probe sends; `number` is counted from 1 since it was booted.

    `queued` are the readings that it has still to send after these, `settings` the version of
    those that it has, `troubles` what is wrong with the probe itself: card_full, card_worn,
    spool_lost, readings_dropped, door_open, too_many_sensors.
    """

    serial: str
    number: int
    sent: Stamp
    release: str
    queued: int = 0
    settings: int = 0
    board_hundredths: int | None = None
    troubles: tuple[str, ...] = ()
    sensors: tuple[SeenSensor, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a node answers to a message: all readings up to the number `taken` are kept.

    `settings` only when the probe has others. `identify_s` and `silence_s`: blink, or be silent,
    for so long.
    """

    taken: int
    now_ms: int
    settings: Settings | None = None
    identify_s: int = 0
    silence_s: int = 0


def encode(message: Message) -> bytes:
    """Write a message."""
    boots = list(dict.fromkeys([message.sent.boot, *(one.taken.boot for one in message.readings)]))
    names = list(dict.fromkeys(one.sensor for one in message.readings))
    said = {
        "format": FORMAT,
        "serial": message.serial,
        "number": message.number,
        "release": message.release,
        "queued": message.queued,
        "settings": message.settings,
        "board": message.board_hundredths,
        "troubles": list(message.troubles),
        "boots": [str(one) for one in boots],
        "sent": _stamp_out(message.sent, boots),
        "sensors": [seen_out(one) for one in message.sensors],
        "read": names,
        "readings": [_reading_out(one, boots, names) for one in message.readings],
    }
    return gzip.compress(json.dumps(said, separators=(",", ":")).encode(), mtime=0)


def decode(data: bytes) -> Message:
    """Read a message; raises WireError that names what is wrong, and where."""
    said = Fields(_unpacked(data))
    if (found := said.whole("format")) != FORMAT:
        raise WireError(f"format is {found}, this release reads {FORMAT}")
    boots = [_uuid(said, "boots", each) for each in said.texts("boots", most=MOST_READINGS + 1)]
    names = said.texts("read", most=MOST_READINGS)
    listed = said.listed("readings", most=MOST_READINGS)
    readings = tuple(_reading_in(place, row, boots, names) for place, row in enumerate(listed))
    numbers = [one.number for one in readings]
    if numbers != sorted(set(numbers)):
        raise WireError("readings: their numbers do not ascend")
    return Message(
        serial=said.text("serial", most=64),
        number=said.whole("number", 1, _NEVER),
        sent=_stamp_in("sent", said.value("sent"), boots),
        release=said.text("release", most=64),
        queued=said.whole("queued", 0, _NEVER),
        settings=said.whole("settings", 0, _NEVER),
        board_hundredths=said.whole_or_none("board", COLDEST, HOTTEST),
        troubles=tuple(said.texts("troubles", most=MOST_SENSORS)),
        sensors=tuple(seen_in(one) for one in said.objects("sensors", most=MOST_SENSORS)),
        readings=readings,
    )


def encode_answer(answer: Answer) -> bytes:
    """Write an answer."""
    said: dict[str, Any] = {"taken": answer.taken, "now": answer.now_ms}
    said |= {"identify": answer.identify_s, "silence": answer.silence_s}
    if answer.settings is not None:
        said["settings"] = settings_out(answer.settings)
    return json.dumps(said).encode()


def decode_answer(data: bytes) -> Answer:
    """Read an answer; raises WireError that names what is wrong, and where."""
    said = Fields(_json(data))
    return Answer(
        taken=said.whole("taken", 0, _NEVER),
        now_ms=said.whole("now", 0, _NEVER),
        settings=settings_in(said.inner("settings")) if said.has("settings") else None,
        identify_s=said.whole("identify", 0, 3600),
        silence_s=said.whole("silence", 0, 86400),
    )


def _unpacked(data: bytes) -> object:
    member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = member.decompress(data, LARGEST + 1)
    except zlib.error as error:
        raise WireError(f"it is not packed with gzip: {error}") from error
    if len(plain) > LARGEST:
        raise WireError(f"it has more than {LARGEST} bytes")
    if not member.eof or member.unused_data:
        raise WireError("it is cut off, or something stands behind it")
    return _json(plain)


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except ValueError as error:
        raise WireError(f"it is not JSON: {error}") from error


def _uuid(said: Fields, name: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise WireError(f"{said.path(name)}: {text[:40]!r} is not a UUID") from error


def _stamp_out(stamp: Stamp, boots: Sequence[UUID]) -> list[int]:
    place = boots.index(stamp.boot)
    return [place, stamp.monotonic_ms, stamp.wall_ms, int(stamp.is_synced)]


def _stamp_in(path: str, said: object, boots: Sequence[UUID]) -> Stamp:
    boot, monotonic, wall, synced = _whole_numbers(path, said, 4)
    if not (0 <= boot < len(boots) and 0 <= monotonic < _NEVER and 0 <= wall < _NEVER):
        raise WireError(f"{path}: no boot, time since it, or time of a clock is such a number")
    return Stamp(boot=boots[boot], monotonic_ms=monotonic, wall_ms=wall, is_synced=bool(synced))


def _whole_numbers(path: str, said: object, count: int) -> list[int]:
    if (
        not isinstance(said, list)
        or len(said) != count
        or any(type(one) is not int for one in said)
    ):
        raise WireError(f"{path}: {count} whole numbers were expected")
    return said


def _reading_out(one: Reading, boots: Sequence[UUID], names: Sequence[str]) -> list[object]:
    said: list[object] = [one.number, names.index(one.sensor), *_stamp_out(one.taken, boots)]
    if one.fault is None:
        return [*said, one.hundredths]
    return [*said, str(one.fault), one.raw.hex()]


def _reading_in(place: int, said: object, boots: Sequence[UUID], names: Sequence[str]) -> Reading:
    path = f"readings[{place}]"
    if not isinstance(said, list) or len(said) not in {_PLAIN, _PLAIN + 1}:
        raise WireError(f"{path}: a number, a sensor, a time and what it said were expected")
    number, sensor = _whole_numbers(path, said[:2], 2)
    if not (0 < number < _NEVER and 0 <= sensor < len(names)):
        raise WireError(f"{path}: number {number} or sensor {sensor} is none")
    taken = _stamp_in(path, said[2:6], boots)
    if isinstance(said[6], str):
        fault, raw = _fault(path, said[6]), _raw(path, said[_PLAIN] if len(said) > _PLAIN else "")
        return Reading(number=number, sensor=names[sensor], taken=taken, fault=fault, raw=raw)
    (hundredths,) = _whole_numbers(path, said[6:], 1)
    if not COLDEST <= hundredths <= HOTTEST:
        raise WireError(f"{path}: {hundredths} hundredths of a degree cannot be measured")
    return Reading(number=number, sensor=names[sensor], taken=taken, hundredths=hundredths)


def _fault(path: str, word: str) -> Fault:
    try:
        return Fault(word)
    except ValueError as error:
        raise WireError(f"{path}: {word[:40]!r} is no fault that this release knows") from error


def _raw(path: str, text: object) -> bytes:
    try:
        return bytes.fromhex(text if isinstance(text, str) else "-")[:64]
    except ValueError as error:
        raise WireError(f"{path}: its bytes are not written as hexadecimal digits") from error


def seen_out(one: SeenSensor) -> dict[str, object]:
    """Write a sensor that was found."""
    return {
        "address": one.address,
        "bits": one.resolution_bits,
        "parasitic": one.is_parasitic,
        "hundredths": one.hundredths,
        "fault": None if one.fault is None else str(one.fault),
    }


def seen_in(said: Fields) -> SeenSensor:
    """Read a sensor that was found; raises WireError that names what is wrong, and where."""
    fault = said.value("fault")
    return SeenSensor(
        address=said.text("address", most=64),
        resolution_bits=said.whole("bits", 9, 12),
        is_parasitic=said.truth("parasitic"),
        hundredths=said.whole_or_none("hundredths", COLDEST, HOTTEST),
        fault=None if fault is None else _fault(said.path("fault"), str(fault)),
    )
