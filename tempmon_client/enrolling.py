# SPDX-License-Identifier: Apache-2.0
"""Being let in by a node: a new probe asks until a person accepts it, or shows a one-time code."""

import json
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tempmon_client.fields import Fields, WireError
from tempmon_client.files import keep
from tempmon_client.sending import Node, Unsent
from tempmon_client.settings import MOST_SENSORS
from tempmon_client.signing import KEY_BYTES
from tempmon_client.wire import PROBES_PATH, SeenSensor, seen_in, seen_out

ASK_AGAIN_S = 10.0
"""While nobody has decided, so often: whoever looks sees which sensor gets warm in a hand."""


class State(StrEnum):
    """What a node has decided about a probe."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a probe says of itself to be let in; `code` is what a technician was given, or ""."""

    serial: str
    key: bytes
    release: str
    code: str = ""
    name: str = ""
    sensors: tuple[SeenSensor, ...] = ()

    def encode(self) -> bytes:
        """Write it."""
        said = {
            "serial": self.serial,
            "key": self.key.hex(),
            "release": self.release,
            "code": self.code,
            "name": self.name,
            "sensors": [seen_out(one) for one in self.sensors],
        }
        return json.dumps(said).encode()

    @classmethod
    def decode(cls, data: bytes) -> "Asked":
        """Read it; raises WireError that names what is wrong, and where."""
        try:
            said = Fields(json.loads(data))
        except ValueError as error:
            if isinstance(error, WireError):
                raise
            raise WireError(f"it is not JSON: {error}") from error
        key = said.text("key", most=2 * KEY_BYTES)
        try:
            raw = bytes.fromhex(key)
        except ValueError:
            raw = b""
        if len(raw) != KEY_BYTES:
            raise WireError(f"key: {2 * KEY_BYTES} hexadecimal digits were expected")
        if not (serial := said.text("serial", most=64)):
            raise WireError("serial: it is empty")
        return cls(
            serial=serial,
            key=raw,
            release=said.text("release", most=64),
            code=said.text("code", most=64),
            name=said.text("name", most=64),
            sensors=tuple(seen_in(one) for one in said.objects("sensors", most=MOST_SENSORS)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a node answers; `why` is for people."""

    state: State
    why: str = ""

    def encode(self) -> bytes:
        """Write it."""
        return json.dumps({"state": str(self.state), "why": self.why}).encode()

    @classmethod
    def decode(cls, data: bytes) -> "Decided":
        """Read it; raises WireError that names what is wrong, and where."""
        try:
            said = Fields(json.loads(data))
            return cls(state=State(said.text("state", most=20)), why=said.text("why", most=500))
        except ValueError as error:
            raise error if isinstance(error, WireError) else WireError(str(error)) from error


def ask(node: Node, asked: Asked) -> Decided:
    """Ask a node to be let in; raises Unsent with the reason when it cannot be asked."""
    said = node.post(PROBES_PATH, asked.encode(), {"Content-Type": "application/json"})
    try:
        return Decided.decode(said)
    except WireError as error:
        raise Unsent(f"{node.url} answers what cannot be read: {error}") from error


def own_key(file: Path) -> bytes:
    """Return the probe's own key, which is made the first time; raises OSError."""
    try:
        found = bytes.fromhex(file.read_text().strip())
    except (FileNotFoundError, ValueError):
        found = b""
    if len(found) != KEY_BYTES:
        found = secrets.token_bytes(KEY_BYTES)
        keep(file, found.hex(), mode=0o600)
    return found
