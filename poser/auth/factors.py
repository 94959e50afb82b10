# SPDX-License-Identifier: Apache-2.0
"""The second proof: six digits of a phone, or a code kept on paper for when it is lost.

*Source:* RFC 6238 (30 seconds, six digits, SHA-1, which every app on phones speaks); a code
is taken once, and one step late or early, since phones' clocks differ.
"""

import hashlib
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.model import User, UserPasskey, UserRecoveryCode, UserTotp

STEP_S = 30
RECOVERY_CODES = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that look like another
_CODE_LENGTH = 16  # 16 of 31 letters: 79 bits, so that a plain hash hides them


def has_totp(session: Session, user: User) -> bool:
    """Tell whether a user's phone makes codes, so that the password alone lets nobody in."""
    return _totp(session, user, is_confirmed=True) is not None


def begin_totp(session: Session, user: User) -> str:
    """Make a secret for a user's phone and return it; it counts when a code has been right.

    Raises PoserError if a phone makes codes already.
    """
    if has_totp(session, user):
        raise PoserError("a phone makes codes already", hint="remove that one first")
    session.execute(
        delete(UserTotp).where(UserTotp.user_id == user.id, UserTotp.confirmed_at.is_(None))
    )
    secret = pyotp.random_base32()
    session.add(UserTotp(user_id=user.id, secret=secret))
    session.flush()
    return secret


def pending_totp(session: Session, user: User) -> str | None:
    """Give the secret that waits for its first code."""
    found = _totp(session, user, is_confirmed=False)
    return None if found is None else found.secret


def address_of(secret: str, *, name: str, node: str) -> str:
    """Write a secret as apps of phones read it from a QR code, named by user and node."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"Poser {node}")


def confirm_totp(session: Session, user: User, code: str, *, now: datetime) -> bool:
    """Let a phone's codes count from now on, if this one is right."""
    found = _totp(session, user, is_confirmed=False)
    if found is None or not _take(session, found, code, now):
        return False
    found.confirmed_at = now
    session.flush()
    return True


def check_code(session: Session, user: User, code: str, *, now: datetime) -> bool:
    """Tell whether a code of the phone is right now; each is right once."""
    found = _totp(session, user, is_confirmed=True)
    return found is not None and _take(session, found, code, now)


def remove_factors(session: Session, user: User) -> None:
    """Forget phone, passkeys and codes on paper: the password alone lets the user in again."""
    for table in (UserTotp, UserPasskey, UserRecoveryCode):
        session.execute(delete(table).where(table.user_id == user.id))


def remove_totp(session: Session, user: User) -> None:
    """Forget the phone, and the codes on paper that stand in for it."""
    for table in (UserTotp, UserRecoveryCode):
        session.execute(delete(table).where(table.user_id == user.id))


def make_recovery_codes(session: Session, user: User) -> list[str]:
    """Make codes for paper; those made before count no more."""
    session.execute(delete(UserRecoveryCode).where(UserRecoveryCode.user_id == user.id))
    codes = [
        "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
        for _ in range(RECOVERY_CODES)
    ]
    session.add_all(UserRecoveryCode(user_id=user.id, code_sha256=_hash(code)) for code in codes)
    session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, _CODE_LENGTH, 4)) for code in codes]


def use_recovery_code(session: Session, user: User, code: str, *, now: datetime) -> bool:
    """Take a code of paper, if it is one and was not taken before."""
    plain = code.replace("-", "").replace(" ", "").lower()
    taken = session.execute(
        update(UserRecoveryCode)
        .where(
            UserRecoveryCode.user_id == user.id,
            UserRecoveryCode.code_sha256 == _hash(plain),
            UserRecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(UserRecoveryCode.id)
    )
    return taken.one_or_none() is not None


def recovery_codes_left(session: Session, user: User) -> int:
    """Count the codes of paper that are still good."""
    return session.scalars(
        select(func.count()).where(
            UserRecoveryCode.user_id == user.id, UserRecoveryCode.used_at.is_(None)
        )
    ).one()


def _totp(session: Session, user: User, *, is_confirmed: bool) -> UserTotp | None:
    return session.scalars(
        select(UserTotp).where(
            UserTotp.user_id == user.id, UserTotp.confirmed_at.is_not(None) == is_confirmed
        )
    ).one_or_none()


def _take(session: Session, found: UserTotp, code: str, now: datetime) -> bool:
    """Take a code whose 30 seconds are later than those of the last one taken."""
    digits = "".join(sign for sign in code if sign.isascii() and sign.isdigit())
    step = int(now.timestamp()) // STEP_S
    clock = pyotp.TOTP(found.secret)
    right = [
        each for each in (step, step - 1, step + 1)
        if pyotp.utils.strings_equal(clock.generate_otp(each), digits)
    ]  # fmt: skip
    if not right:
        return False
    # A clock that was ahead for a while must not lock the phone out until it catches up.
    last = found.last_step if found.last_step <= step + 1 else 0
    if right[0] <= last:
        return False
    found.last_step = right[0]
    session.flush()
    return True


def _random() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
