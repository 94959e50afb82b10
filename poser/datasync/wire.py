# SPDX-License-Identifier: Apache-2.0
"""A part of a queue as bytes: lines of JSON under a checksum, compressed.

The first line says what the part is, each further one is a change. They are two members of one
gzip file: the changes are compressed once for all peers that get the same.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from poser.datasync.reading import Change, Part
from poser.errors import PoserError

FORMAT = 1
CONTENT_TYPE = "application/x-poser-datasync"
LARGEST = 256 * 1024 * 1024
"""How many bytes a part may have when it is unpacked."""
_LEVEL = 1  # the fourth part of the time of the usual level, for a tenth more bytes


class Garbled(PoserError, ValueError):  # noqa: N818 - what happened
    """Bytes that are no part, or not all of one; nothing of them may be applied."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"what came is not a part of a queue: {what}", hint="it is asked for again"
        )


def line(change: Change) -> bytes:
    """Write one change."""
    head = json.dumps(
        [change.pos, change.at.isoformat(), change.table, str(change.key), change.base]
    )
    # The row is JSON already, as PostgreSQL wrote it: never read and written again on the way.
    return f"{head[:-1]}, {change.data or 'null'}]\n".encode()


def pack(lines: Iterable[bytes]) -> tuple[bytes, str]:
    """Compress changes; returns the bytes and the checksum that the first line tells."""
    body = b"".join(lines)
    return gzip.compress(body, _LEVEL, mtime=0), sha256(body).hexdigest()


def encode(part: Part, packed: tuple[bytes, str] | None = None) -> bytes:
    """Write a part; `packed` are its changes where they are compressed already."""
    body, checksum = packed or pack(line(one) for one in part.changes)
    head = {
        "format": FORMAT,
        "epoch": str(part.epoch),
        "after": part.after,
        "upto": part.upto,
        "head": part.head,
        "received": part.received,
        "columns": part.columns,
        "count": len(part.changes),
        "sha256": checksum,
    }
    return gzip.compress(json.dumps(head).encode() + b"\n", _LEVEL, mtime=0) + body


def decode(data: bytes) -> Part:
    """Read a part; raises Garbled for what is cut, mixed up, of another format or too large."""
    first, _, rest = unpacked(data).partition(b"\n")
    try:
        head: Mapping[str, Any] = json.loads(first)
        if head["format"] != FORMAT:
            raise Garbled(f"its format is {head['format']}, this release reads {FORMAT}")
        if sha256(rest).hexdigest() != head["sha256"]:
            raise Garbled("its checksum is wrong")
        part = Part(
            epoch=UUID(head["epoch"]),
            after=int(head["after"]),
            upto=int(head["upto"]),
            head=int(head["head"]),
            received=int(head["received"]),
            columns={str(name): tuple(map(str, found)) for name, found in head["columns"].items()},
            changes=tuple(_change(one) for one in rest.splitlines()),
        )
        count = int(head["count"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, Garbled):
            raise
        raise Garbled(f"{type(error).__name__}: {error}") from error
    _check(part, count)
    return part


def _check(part: Part, count: int) -> None:
    """Raise Garbled unless the changes ascend between the places that the part says it has."""
    places = [one.pos for one in part.changes]
    if len(places) != count:
        raise Garbled(f"it has {len(places)} changes and says {count}")
    if places != sorted(set(places)):
        raise Garbled("its changes are not in order")
    if not 0 <= part.after <= part.upto or (
        places and not part.after < places[0] <= places[-1] <= part.upto
    ):
        raise Garbled("its changes are not between the places that it says")


def _change(data: bytes) -> Change:
    pos, at, table, key, base, _ = json.loads(data)
    values = (int(pos), datetime.fromisoformat(at), str(table), UUID(key), int(base))
    return Change(*values, data=_row(data, (pos, at, table, key, base)))


def _row(data: bytes, head: Sequence[object]) -> str | None:
    """Cut the row out of a line as it stands there."""
    start = len(json.dumps(list(head))) - 1 + len(", ")
    row = data.decode()[start:-1]
    return None if row == "null" else row


def unpacked(data: bytes) -> bytes:
    """Decompress all members, at most as much as is allowed; raises Garbled."""
    found = []
    left = LARGEST
    while data:
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            found.append(member.decompress(data, left + 1))
        except zlib.error as error:
            raise Garbled(str(error)) from error
        left -= len(found[-1])
        if left < 0:
            raise Garbled(f"it has more than {LARGEST} bytes")
        if not member.eof:
            raise Garbled("its end is missing")
        data = member.unused_data
    return b"".join(found)
