# SPDX-License-Identifier: Apache-2.0
"""Time-ordered unique ids (UUID version 7), made here or by the database alike.

The database has a function `uuid7()` of the same layout (first migration of each
database), so that rows written by one SQL statement get ids of the same kind.
Source: RFC 9562, section 5.7; the 12 bits of `rand_a` carry the fraction of the
millisecond (section 6.2, method 3), so ids made one after the other also sort so.
"""

import secrets
import time
from uuid import UUID

_NS_PER_MS = 1_000_000
_FRACTION_BITS = 12
_RANDOM_BITS = 62


def uuid7(now_ns: int | None = None) -> UUID:
    """Make a UUIDv7 for `now_ns` (nanoseconds since 1970 UTC; the clock's when not given)."""
    ms, rest_ns = divmod(time.time_ns() if now_ns is None else now_ns, _NS_PER_MS)
    fraction = (rest_ns << _FRACTION_BITS) // _NS_PER_MS
    value = (ms & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | fraction << 64
    value |= 0b10 << 62 | secrets.randbits(_RANDOM_BITS)
    return UUID(int=value)
