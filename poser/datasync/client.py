# SPDX-License-Identifier: Apache-2.0
"""Dialling the host: HTTPS with a certificate on both sides, and a line that notices its death."""

import http.client
import json
import socket
import ssl
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import UUID

from poser.config import Config
from poser.datasync import settings, wire
from poser.datasync.comparing_wire import Answer, Asked
from poser.datasync.digests import Bucket
from poser.datasync.reading import Part
from poser.errors import ConfigError, PoserError

CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 30.0
"""How long the host may take to apply a part."""
GIVE_TIMEOUT_S = 15.0
"""How long the host may take to give a part, after it has waited for one."""
_DEAD_AFTER_MS = 15_000
# Said by nginx, with 400, of a certificate that it does not take and of none.
_NGINX_ON_CERTIFICATES = b"SSL certificate"


class NoAnswer(PoserError, ConnectionError):  # noqa: N818 - what happened
    """The host does not answer now; it is asked again."""


class Refused(PoserError, RuntimeError):  # noqa: N818 - what happened
    """The host answers, and says no; `title` is its word for why."""

    def __init__(self, title: str, what: str, hint: str) -> None:
        super().__init__(what, hint=hint)
        self.title = title


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the host is, and the files by which both sides know each other."""

    url: str
    certificate: Path
    key: Path
    authority: Path

    def context(self) -> ssl.SSLContext:
        """Make what TLS needs; raises ConfigError that names the file that is wrong."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            context.load_verify_locations(self.authority)
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"the certificate of this node cannot be used: {error}",
                hint=f"see {self.certificate}, {self.key} and {self.authority}; fab provision"
                " writes them",
            ) from error
        return context


def address(config: Config) -> Address:
    """Return where the host is, and by which files both sides know each other.

    Raises ConfigError on the host, and where a node stands alone.
    """
    if not settings.HOST_URL(config):
        raise ConfigError(
            "this node dials no host", hint="run this on a store or cloud node of a chain"
        )
    return Address(
        url=settings.HOST_URL(config),
        certificate=settings.CERTIFICATE(config),
        key=settings.KEY(config),
        authority=settings.AUTHORITY(config),
    )


class Line:
    """One connection to the host, opened when it is needed; for one thread."""

    def __init__(self, address: Address) -> None:
        parts = urlsplit(address.url)
        if parts.scheme != "https" or not parts.hostname:
            raise ConfigError(
                f"datasync.host_url: {address.url!r} is no address of a host",
                hint="as in https://host-1.shops.example:8444",
            )
        self._context = address.context()
        self._host, self._port = parts.hostname, parts.port or 443
        self._connection: http.client.HTTPSConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def hello(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Tell the host where this node is; returns where the host is, see exchange.greet."""
        body = json.dumps(said).encode()
        found: dict[str, Any] = json.loads(self._ask("POST", "/datasync/hello", body))
        return found

    def changes(
        self, after: int, epoch: UUID, *, wait_s: float, applied: int | None = None
    ) -> Part:
        """Ask for what comes after a place, and wait for it so long.

        It tells the host that all before it is applied, or else only up to `applied`.
        """
        path = f"/datasync/changes?after={after}&epoch={epoch}&wait={wait_s:g}"
        if applied is not None:
            path += f"&applied={applied}"
        return wire.decode(self._ask("GET", path, patience_s=wait_s + GIVE_TIMEOUT_S))

    def bring(self, part: Part) -> int:
        """Bring a part of this node's queue; returns up to where the host has applied it."""
        answer = json.loads(self._ask("POST", "/datasync/changes", wire.encode(part)))
        return int(answer["received"])

    def sales(self, parcel: bytes) -> list[str]:
        """Bring POS transactions; returns the ids of those that the host refused."""
        answer = json.loads(self._ask("POST", "/datasync/sales", parcel))
        return list(map(str, answer["refused"]))

    def customers_sales(self, told: Sequence[int], *, from_start: bool) -> bytes:
        """Ask for what customers bought, and say which notes of the host are done; for a cloud.

        Returns what poser.datasync.pos.unpack reads, empty when there is nothing. With
        `from_start` the host tells all there is: nothing is here yet.
        """
        said = json.dumps({"told": list(told), "from_start": from_start}).encode()
        return self._ask("POST", "/datasync/sales/next", said)

    def buckets(
        self, table: str, columns: Sequence[str]
    ) -> tuple[tuple[str, ...], dict[int, Bucket]]:
        """Ask for the buckets of a table, as a Side of poser.datasync.comparing does."""
        return self._compare(Asked("buckets", table, columns)).as_buckets()

    def hashes(
        self, table: str, columns: Sequence[str], numbers: Collection[int]
    ) -> dict[UUID, int]:
        """Ask for the hashes of the rows of some buckets."""
        return self._compare(Asked("hashes", table, columns, numbers=tuple(numbers))).as_hashes()

    def rows(self, table: str, columns: Sequence[str], keys: Collection[UUID]) -> dict[UUID, str]:
        """Ask for rows."""
        return self._compare(Asked("rows", table, columns, keys=tuple(keys))).as_rows()

    def _compare(self, asked: Asked) -> Answer:
        return Answer(self._ask("POST", "/datasync/compare", asked.write()))

    def _ask(
        self, method: str, path: str, body: bytes = b"", patience_s: float = ANSWER_TIMEOUT_S
    ) -> bytes:
        """Ask once; a connection that was kept and is gone by now is opened again."""
        try:
            return self._answered(method, path, body, patience_s)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._failed(error) from error
        try:
            return self._answered(method, path, body, patience_s)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._failed(error) from error

    def _answered(self, method: str, path: str, body: bytes, patience_s: float) -> bytes:
        connection = self._connection or self._open()
        if connection.sock is not None:
            connection.sock.settimeout(patience_s)
        headers = {"Content-Type": wire.CONTENT_TYPE} if body else {}
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        data = answer.read(wire.LARGEST)
        if answer.status != http.HTTPStatus.OK:
            raise _refused(answer.status, data)
        return data

    def _open(self) -> http.client.HTTPSConnection:
        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=CONNECT_TIMEOUT_S, context=self._context
        )
        connection.connect()
        line = connection.sock
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A line that was cut without a word is noticed by what is not acknowledged.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 2)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_AFTER_MS)
        self._connection = connection
        return connection

    def _failed(self, error: Exception) -> PoserError:
        where = f"{self._host}:{self._port}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return Refused(
                "certificate",
                f"what answers at {where} is not the host: {error.verify_message}",
                "its certificate is not of our authority, or has ended; fab provision renews it",
            )
        if isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or ""):
            said = str(error.reason).rpartition("ALERT_")[2].replace("_", " ").lower()
            return _not_taken(said)
        return NoAnswer(
            f"{where} does not answer: {error or type(error).__name__}",
            hint="is the line up, and does the host run poser-hub?",
        )


def _not_taken(said: str) -> Refused:
    return Refused(
        "certificate",
        f"the host does not take the certificate of this node: {said}",
        "fab certificates status says what is wrong with it; fab certificates rotate host=NAME"
        " makes a new one",
    )


def _refused(status: int, data: bytes) -> PoserError:
    if status == http.HTTPStatus.BAD_REQUEST and _NGINX_ON_CERTIFICATES in data:
        return _not_taken("it is of another authority, has ended, or is revoked")
    try:
        said = json.loads(data)
        title, what, hint = (str(said.get(key, "")) for key in ("title", "description", "hint"))
    except (ValueError, AttributeError):
        title = what = hint = ""
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return NoAnswer(what or f"the host answers with {status}", hint="see the host's log")
    return Refused(title, what or f"the host answers with {status}", hint)
