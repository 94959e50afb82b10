# SPDX-License-Identifier: Apache-2.0
"""The internal certificate authority: one root, a server certificate for each machine.

A machine that is a node of several also has a certificate by which it dials the host.

A small JSON note beside each certificate says whose it is and when it ends, so that a run which
changes nothing parses none.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from control.secrets import Secrets
from poser.errors import ConfigError
from poser.machine.resource import Secret
from roles.parts.sites import STAFF

ROOT_DAYS = 20 * 365
CERTIFICATE_DAYS = 397
"""Browsers refuse server certificates that are valid for more than 398 days."""
RENEW_BEFORE = timedelta(days=30)
_ROOT, _ROOT_KEY, _ROOT_NOTE = "authority/root.pem", "authority/root.key", "authority/root.json"


Make = Callable[[tuple[str, str], str, datetime], str]
"""Signs: gets certificate and key of the authority, the key of the new one, and the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a machine needs to show who it is over TLS; PEM texts."""

    authority_pem: str
    certificate_pem: str
    key_pem: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where a certificate, its key and its note lie below the folder of the secrets."""

    pem: str
    key: str
    note: str


def of_server(machine: str) -> Files:
    """Return where the certificate is with which a machine answers."""
    return Files(pem=f"{machine}/tls.pem", key=f"{machine}/tls.key", note=f"{machine}/tls.json")


def of_node(machine: str) -> Files:
    """Return where the certificate is with which a node dials the host.

    The key has no suffix: it is a secret that a service of the machine gets as its credential.
    """
    return Files(pem=f"{machine}/node.pem", key=f"{machine}/node-key", note=f"{machine}/node.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is known of a certificate without parsing it.

    `ends_at` is ISO 8601 in UTC; `certificate`, `key` and `authority` are SHA-256 of PEM texts.
    """

    names: list[str]
    ends_at: str
    certificate: str
    key: str
    authority: str


def server_certificate(
    secrets: Secrets, machine: str, names: Sequence[str], now: datetime | None = None
) -> Certificate:
    """Return the certificate of a machine for `names` (host names and IP addresses).

    A new one is made when there is none, when the names, the files or the authority are not what
    the note says, or when it ends within 30 days. `now` is aware; tests give it.
    """

    def make(authority_of: tuple[str, str], key: str, now: datetime) -> str:
        from control import certificates  # noqa: PLC0415 (slow; an unchanged run needs none)

        return certificates.server(authority_of, key, names, now, CERTIFICATE_DAYS)

    return _kept(secrets, of_server(machine), names, make, now)


def node_certificate(
    secrets: Secrets, machine: str, now: datetime | None = None, *, anew: bool = False
) -> Certificate:
    """Return the certificate by which a node shows its name when it dials the host.

    It is kept and renewed like that of a server; `anew` makes another one, with a new key.
    """

    def make(authority_of: tuple[str, str], key: str, now: datetime) -> str:
        from control import certificates  # noqa: PLC0415

        return certificates.client(authority_of, key, machine, now, CERTIFICATE_DAYS)

    return _kept(secrets, of_node(machine), (machine,), make, now, anew=anew)


def person_certificate(
    secrets: Secrets, name: str, *, days: int = CERTIFICATE_DAYS, now: datetime | None = None
) -> str:
    """Return a new certificate and its key, by which a person opens what is for staff alone.

    It is not kept: whoever asks for it has the only one.
    """
    from control import certificates  # noqa: PLC0415

    now = now or datetime.now(UTC)
    key = certificates.new_key()
    return certificates.client(authority_of(secrets, now), key, f"{STAFF}{name}", now, days) + key


def _kept(
    secrets: Secrets,
    files: Files,
    names: Sequence[str],
    make: Make,
    now: datetime | None,
    *,
    anew: bool = False,
) -> Certificate:
    """Return the certificate that is kept; make one when there is none that will do."""
    now = now or datetime.now(UTC)
    authority = authority_pem(secrets, now)
    pem, key = secrets.read(files.pem) or "", secrets.read(files.key) or ""
    note = _read_note(secrets, files.note)
    same = note is not None and note == _note(names, note.ends_at, pem, key, authority)
    if anew or note is None or not same or _ends(note, now):
        pem, key = _issue(secrets, files, names, make, now)
    return Certificate(authority_pem=authority, certificate_pem=pem, key_pem=Secret(key))


def authority_of(secrets: Secrets, now: datetime | None = None) -> tuple[str, str]:
    """Return certificate and key of the authority as PEM; both are made the first time."""
    pem = authority_pem(secrets, now)
    return pem, secrets.read(_ROOT_KEY) or ""


def authority_pem(secrets: Secrets, now: datetime | None = None) -> str:
    """Return the certificate of the authority, which is made the first time.

    Raises ConfigError when it ends within 30 days: changing it is for people to decide.
    """
    now = now or datetime.now(UTC)
    pem, key = secrets.read(_ROOT) or "", secrets.read(_ROOT_KEY) or ""
    note = _read_note(secrets, _ROOT_NOTE)
    if note is None or note != _note((), note.ends_at, pem, key, pem):
        pem, note = _make_authority(secrets, now)
    if _ends(note, now):
        raise ConfigError(
            f"the certificate authority of this inventory ends on {note.ends_at[:10]}",
            hint=f"move {secrets.folder / 'authority'} away, provision all machines, and give the"
            " new root.pem to everyone who trusts the old one",
        )
    return pem


def _make_authority(secrets: Secrets, now: datetime) -> tuple[str, Note]:
    """Make what is missing of the authority; the note goes last, so a cut-off run goes on here."""
    from control import certificates  # noqa: PLC0415 (slow; an unchanged run needs none)

    if secrets.read(_ROOT) and not secrets.read(_ROOT_KEY):
        raise ConfigError(
            f"{secrets.folder / _ROOT_KEY} is lost: no certificate can be signed",
            hint="restore it from your backup; or move the folder away to start a new authority",
        )
    key = secrets.text(_ROOT_KEY, certificates.new_key)
    pem = secrets.text(_ROOT, lambda: certificates.root(key, now, ROOT_DAYS))
    note = _note((), certificates.end(pem).isoformat(), pem, key, pem)
    secrets.replace(_ROOT_NOTE, json.dumps(asdict(note)))
    return pem, note


def _issue(
    secrets: Secrets, files: Files, names: Sequence[str], make: Make, now: datetime
) -> tuple[str, str]:
    """Make a certificate with a new key, keep both, and return them as PEM texts."""
    from control import certificates  # noqa: PLC0415

    key, (authority, authority_key) = certificates.new_key(), authority_of(secrets, now)
    pem = make((authority, authority_key), key, now)
    secrets.replace(files.key, key)
    secrets.replace(files.pem, pem)
    note = _note(names, certificates.end(pem).isoformat(), pem, key, authority)
    secrets.replace(files.note, json.dumps(asdict(note)))
    return pem, key


def _note(names: Sequence[str], ends_at: str, pem: str, key: str, authority: str) -> Note:
    digests = [sha256(text.encode()).hexdigest() for text in (pem, key, authority)]
    certificate, of_key, of_authority = digests
    return Note(
        names=list(names),
        ends_at=ends_at,
        certificate=certificate,
        key=of_key,
        authority=of_authority,
    )


def _read_note(secrets: Secrets, name: str) -> Note | None:
    text = secrets.read(name)
    try:
        return Note(**json.loads(text)) if text else None
    except (ValueError, TypeError):
        return None  # a note that is not one is made anew, with its certificate


def _ends(note: Note, now: datetime) -> bool:
    return now + RENEW_BEFORE > datetime.fromisoformat(note.ends_at)
