# SPDX-License-Identifier: Apache-2.0
"""Passkeys: a key that a device holds, used with a finger, a face or a PIN instead of all else.

*Source:* Web Authentication Level 3. The device itself must have verified who holds it, so a
passkey alone lets its user in. The library that checks the answers is large and loads when
the first one comes.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.auth.events import Caller, record, storable
from poser.auth.sign_in import Refused, SignedIn, let_in
from poser.errors import PoserError
from poser.model import SignInKind, User, UserPasskey

LIFE = timedelta(minutes=10)
LONGEST_ANSWER = 20_000
_NAME_LENGTH = 100
_SALT = 16
_TIME = 8
_ALGORITHMS = (-8, -7, -257)  # EdDSA, ES256, RS256


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The site that a passkey is for: its host, and the origin that the browser names."""

    host: str
    origin: str


def make_challenge(secret: bytes, seed: str, now: datetime) -> str:
    """Make what a device has to sign: it says itself when and for which browser it was made."""
    plain = secrets.token_bytes(_SALT) + int(now.timestamp()).to_bytes(_TIME, "big")
    return _written(plain + _sign(secret, seed, plain))


def is_fresh(secret: bytes, seed: str, challenge: bytes, now: datetime) -> bool:
    """Tell whether a challenge was made for this browser, and lately."""
    plain, signature = challenge[: _SALT + _TIME], challenge[_SALT + _TIME :]
    if not seed or not hmac.compare_digest(signature, _sign(secret, seed, plain)):
        return False
    age = now.timestamp() - int.from_bytes(plain[_SALT:], "big")
    return -LIFE.total_seconds() <= age <= LIFE.total_seconds()


def creation_options(session: Session, user: User, place: Place, challenge: str) -> dict[str, Any]:
    """Say to a browser what key to make for a user."""
    known = session.scalars(select(UserPasskey).where(UserPasskey.user_id == user.id))
    return {
        "rp": {"id": place.host, "name": f"Poser on {place.host}"},
        "user": {
            "id": _written(user.id.bytes),
            "name": user.name,
            "displayName": user.full_name or user.name,
        },
        "challenge": challenge,
        "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in _ALGORITHMS],
        "timeout": int(LIFE.total_seconds()) * 1000,
        "excludeCredentials": [
            {"type": "public-key", "id": _written(each.credential_id)} for each in known
        ],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


def request_options(place: Place, challenge: str) -> dict[str, Any]:
    """Say to a browser for what it should ask a device to sign."""
    return {
        "rpId": place.host,
        "challenge": challenge,
        "timeout": int(LIFE.total_seconds()) * 1000,
        "userVerification": "required",
    }


def challenge_of(answer: str) -> bytes:
    """Read from a device's answer which challenge it signed; empty when there is none."""
    try:
        client = json.loads(_read(json.loads(answer)["response"]["clientDataJSON"]))
        return _read(client["challenge"])
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        return b""


def add_passkey(
    session: Session, user: User, answer: str, *, name: str, place: Place, caller: Caller
) -> UserPasskey:
    """Keep a key that a device made for a user. Raises PoserError for an answer that is wrong."""
    import webauthn  # noqa: PLC0415 - large
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge_of(answer),
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise PoserError("the device's answer is not right", hint="try once more") from error
    kept = UserPasskey(
        user_id=user.id,
        name=" ".join(storable(name).split())[:_NAME_LENGTH] or "Passkey",
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
    )
    session.add(kept)
    record(session, user, SignInKind.FACTOR_ADDED, caller, note=f"passkey {kept.name}")
    return kept


def sign_in_with_passkey(
    session: Session, answer: str, *, place: Place, caller: Caller
) -> SignedIn | Refused:
    """Let in whose device signed the challenge, and record the try. The caller commits.

    Whether the challenge was a fresh one of ours is for the caller to ask before.
    """
    key = _find(session, answer)
    user = session.get(User, key.user_id) if key is not None else None
    if key is None or user is None:
        record(session, "", SignInKind.UNKNOWN_USER, caller, note="passkey")
        return Refused(kind=SignInKind.UNKNOWN_USER)
    if not _is_right(key, answer, place, caller.now):
        record(session, user, SignInKind.WRONG_CODE, caller, note="passkey")
        return Refused(kind=SignInKind.WRONG_CODE)
    if not user.is_active:
        record(session, user, SignInKind.INACTIVE_USER, caller, note="passkey")
        return Refused(kind=SignInKind.INACTIVE_USER)
    return let_in(session, user, caller, note=f"by the passkey {key.name}")


def _is_right(key: UserPasskey, answer: str, place: Place, now: datetime) -> bool:
    import webauthn  # noqa: PLC0415 - large
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        shown = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge_of(answer),
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError):
        return False
    key.sign_count, key.used_at = shown.new_sign_count, now
    return True


def _find(session: Session, answer: str) -> UserPasskey | None:
    try:
        name = _read(json.loads(answer)["rawId"])
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        return None
    return session.scalars(
        select(UserPasskey).where(UserPasskey.credential_id == name).with_for_update()
    ).one_or_none()


def _sign(secret: bytes, seed: str, plain: bytes) -> bytes:
    return hmac.new(secret, b"passkey " + seed.encode() + plain, hashlib.sha256).digest()


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
