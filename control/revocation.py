# SPDX-License-Identifier: Apache-2.0
"""Which certificates of nodes hold no more: a list that the authority signs, kept beside it.

Servers that ask for certificates refuse everybody once their list is out of date. So a list is
good for longer than any certificate signed today, and each run that provisions signs a new one in
time: certificates end before the list does.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from control import ca
from control.secrets import Secrets
from poser.errors import ConfigError

LIST_DAYS = 2 * ca.CERTIFICATE_DAYS + 6
"""A little over two years."""
_LIST, _NOTE = "authority/revoked.pem", "authority/revoked.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the list says, without parsing it.

    `revoked` maps serial numbers (decimal) to the machine and since when (ISO 8601 in UTC).
    `authority` and `list` are SHA-256 of PEM texts.
    """

    number: int = 0
    ends_at: str = ""
    authority: str = ""
    list: str = ""
    revoked: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def revoked_pem(secrets: Secrets, now: datetime | None = None) -> str:
    """Return the list in force as PEM; a new one is signed when it is missing or gets old."""
    now = now or datetime.now(UTC)
    authority = ca.authority_pem(secrets, now)
    pem, note = secrets.read(_LIST) or "", _read(secrets)
    same = (note.authority, note.list) == (_digest(authority), _digest(pem))
    if not same or _gets_old(note, now):
        return _sign(secrets, note, now)
    return pem


def revoke(secrets: Secrets, machine: str, certificate_pem: str, now: datetime) -> bool:
    """Put a certificate of a machine on the list; False when it is there already."""
    from control import certificates  # noqa: PLC0415 (slow; an unchanged run needs none)

    serial, note = str(certificates.serial(certificate_pem)), _read(secrets)
    if serial in note.revoked:
        return False
    revoked = {**note.revoked, serial: (machine, now.isoformat())}
    _sign(secrets, replace(note, revoked=revoked), now)
    return True


def revoked_since(secrets: Secrets, certificate_pem: str) -> str:
    """Return since when a certificate holds no more, ISO 8601 in UTC; "" when it holds."""
    from control import certificates  # noqa: PLC0415

    return _read(secrets).revoked.get(str(certificates.serial(certificate_pem)), ("", ""))[1]


def _sign(secrets: Secrets, note: Note, now: datetime) -> str:
    """Sign the next list, keep it, then its note, so that a cut-off run signs it anew."""
    from control import certificates  # noqa: PLC0415

    authority_of = ca.authority_of(secrets, now)
    serials = {int(serial): datetime.fromisoformat(at) for serial, (_, at) in note.revoked.items()}
    number = note.number + 1
    pem = certificates.revoked(authority_of, serials, number, now, LIST_DAYS)
    made = Note(
        number=number,
        ends_at=(now + timedelta(days=LIST_DAYS)).isoformat(),
        authority=_digest(authority_of[0]),
        list=_digest(pem),
        revoked=note.revoked,
    )
    # Who is revoked is kept first: a list can be signed again, what is forgotten cannot.
    secrets.replace(_NOTE, json.dumps(asdict(made)))
    secrets.replace(_LIST, pem)
    return pem


def _gets_old(note: Note, now: datetime) -> bool:
    """Tell whether a certificate signed now would outlive the list."""
    return now + timedelta(days=ca.CERTIFICATE_DAYS) > datetime.fromisoformat(note.ends_at)


def _read(secrets: Secrets) -> Note:
    text = secrets.read(_NOTE)
    if not text:
        return Note()
    try:
        values = json.loads(text)
        revoked = {serial: (name, at) for serial, (name, at) in values["revoked"].items()}
        return Note(**{**values, "revoked": revoked})
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ConfigError(
            f"{secrets.folder / _NOTE} cannot be read: who is revoked is not known",
            hint="restore it from your backup, with the rest of the folder authority",
        ) from None


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
