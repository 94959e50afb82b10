# SPDX-License-Identifier: Apache-2.0
"""Finding the addresses of who is to get a mail, at the moment when it goes."""

from collections.abc import Iterable
from dataclasses import dataclass
from email.headerregistry import Address

from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.mail.recipients import ROLE, USER, BadRecipient, address
from poser.model import EmailAddress, User, UserRole

_ADDRESS = (
    select(EmailAddress.address)
    .where(EmailAddress.person_id == User.person_id, EmailAddress.is_invalid.is_(False))
    .order_by(EmailAddress.ordinal)
    .limit(1)
    .scalar_subquery()
)
_USERS = (
    select(User.name, User.full_name, _ADDRESS.label("address"))
    .where(User.is_active)
    .order_by(User.name)
)


@dataclass(frozen=True, slots=True)
class Reached:
    """Addresses, each once, and in words who could not be reached and why."""

    addresses: tuple[Address, ...]
    missing: tuple[str, ...]


def reached(session: Session, recipients: Iterable[str]) -> Reached:
    """Find the addresses of recipients. A user or user role without any is no error."""
    found: dict[str, Address] = {}
    missing = []
    for one in recipients:
        addresses, why = _addresses(session, one.strip())
        for each in addresses:
            found.setdefault(each.addr_spec.casefold(), each)
        if why:
            missing.append(why)
    return Reached(tuple(found.values()), tuple(missing))


def _addresses(session: Session, one: str) -> tuple[list[Address], str]:
    if not one.startswith((USER, ROLE)):
        return [address(one)], ""
    name = one.partition(":")[2].strip()
    if one.startswith(USER):
        who, what = User.name == name.lower(), f"user {name}"
    else:
        who, what = User.user_roles.any(UserRole.name == name), f"user role {name}"
    rows = session.execute(_USERS.where(who)).all()
    if not rows:
        return [], f"nobody active is {what}"
    found = {row.name: _named(row.full_name, row.address or "") for row in rows}
    lost = [name for name, each in found.items() if each is None]
    return (
        [each for each in found.values() if each is not None],
        f"no address of email: {', '.join(lost)}" if lost else "",
    )


def _named(name: str, spec: str) -> Address | None:
    try:
        plain = address(spec)
        return Address(name if name.isprintable() else "", plain.username, plain.domain)
    except BadRecipient:
        return None
