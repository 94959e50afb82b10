# SPDX-License-Identifier: Apache-2.0
"""What the nine bytes of a DS18B20's memory say: a temperature, or why there is none.

Bytes 0 and 1 are sixteenths of a degree, byte 4 the resolution, byte 6 a count that holds 0x0c only
before the first measurement, byte 8 a checksum over the others (datasheet DS18B20, "Memory").
"""

from dataclasses import dataclass

from tempmon_client.wire import COLDEST, HOTTEST, Fault

BYTES = 9
_JUST_ON = 85 * 16
_JUST_ON_COUNT = 0x0C
_WEAK = 0x07FF
_POLYNOMIAL = 0x8C
_TWELVE_BITS = 12


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: hundredths of a degree Celsius, or a fault, and the bytes behind it."""

    hundredths: int | None
    fault: Fault | None
    raw: bytes = b""
    resolution_bits: int = _TWELVE_BITS

    @classmethod
    def failed(cls, fault: Fault, raw: bytes = b"") -> "Measured":
        """Return a measurement that gave no temperature."""
        return cls(None, fault, raw)


def crc(data: bytes) -> int:
    """Return the checksum that 1-Wire devices make over bytes."""
    found = 0
    for byte in data:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (_POLYNOMIAL if found & 1 else 0)
    return found


def judged(raw: bytes) -> Measured:
    """Judge the nine bytes of a sensor's memory."""
    if (fault := _broken(raw)) is not None:
        return Measured.failed(fault, raw)
    bits = 9 + (raw[4] >> 5 & 3)
    unused = (1 << _TWELVE_BITS - bits) - 1
    sixteenths = int.from_bytes(raw[:2], "little", signed=True)
    measured = sixteenths & ~unused
    # A true 85 degrees differs by byte 6 from what is there before anything is measured.
    if measured == _JUST_ON and raw[6] == _JUST_ON_COUNT:
        return Measured.failed(Fault.LOST_POWER, raw)
    if sixteenths | unused == _WEAK:
        return Measured.failed(Fault.WEAK_POWER, raw)
    hundredths = round(measured * 100 / 16)
    if not COLDEST <= hundredths <= HOTTEST:
        return Measured.failed(Fault.OUT_OF_RANGE, raw)
    return Measured(hundredths, None, raw, bits)


def _broken(raw: bytes) -> Fault | None:
    """Say why these are no bytes of a sensor; a line held to ground has the right checksum."""
    if len(raw) != BYTES:
        return Fault.INCOMPLETE
    if crc(raw[:8]) != raw[8]:
        return Fault.BAD_CRC
    return None if any(raw) else Fault.SHORT


def read_lines(lines: list[str]) -> Measured:
    """Judge what the kernel writes into w1_slave: two lines, each with the nine bytes.

    The second line is never believed: after a bad checksum it holds the bytes and the temperature
    of an earlier measurement.
    """
    if len(lines) < 2:  # noqa: PLR2004 - the kernel writes two
        return Measured.failed(Fault.INCOMPLETE)
    try:
        raw = bytes.fromhex(lines[0].partition(":")[0])
    except ValueError:
        return Measured.failed(Fault.INCOMPLETE, lines[0].encode()[:BYTES])
    return judged(raw)
