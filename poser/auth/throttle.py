# SPDX-License-Identifier: Apache-2.0
"""How long somebody must wait before the next try to sign in.

Guessing is slowed down where it comes from, so that nobody can lock somebody else out:

- the same name from the same network: after 5 wrong passwords in a row, a wait that
  doubles from 1 s with each further one, up to 15 minutes;
- any names from the same network: 100 failures in 15 minutes, then wait until fewer;
- the same name from everywhere: 100 failures in 15 minutes, then only networks wait from
  which this user has not signed in during the last 90 days.

A network is one IPv4 address or one IPv6 /64 (what one customer gets). The record of
sign-in events is the memory, so that all processes of all workers share it. Each door has a
record of its own: `events` is that of the staff unless said otherwise.
"""

import ipaddress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import cast

from poser.model import SignInEvent, SignInKind

if TYPE_CHECKING:
    from poser.model import PortalEvent

    Events = type[SignInEvent | PortalEvent]

FREE_TRIES = 5
WINDOW = timedelta(minutes=15)
LONGEST_WAIT = timedelta(minutes=15)
MANY = 100
KNOWN_FOR = timedelta(days=90)
AHEAD = timedelta(minutes=5)
_IPV6_PREFIX = 64

FAILURES = (
    SignInKind.WRONG_PASSWORD,
    SignInKind.UNKNOWN_USER,
    SignInKind.INACTIVE_USER,
    SignInKind.WRONG_CODE,
)


def wait(
    session: Session,
    name: str,
    address: str | None,
    *,
    now: datetime,
    events: "Events" = SignInEvent,
) -> timedelta:
    """Tell how long to wait before `name` may be tried from `address`; zero for not at all."""
    here = from_network(address, events)
    waits = (
        _after_repeats(session, name, here, now, events),
        _after_many(session, [here], now, events),
        _after_guesses(session, name, here, now, events),
    )
    return max(waits)


def claim(session: Session, name: str, address: str | None, events: "Events" = SignInEvent) -> bool:
    """Hold the door for one try by name and network until the transaction ends.

    False if another try of the same kind is being checked right now: without this, many
    tries at once would all pass before the first is on record.
    """
    key = f"sign-in {events.__tablename__} {name} {_network(address)}"
    claimed = session.execute(
        text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key}
    )
    return bool(claimed.scalar_one())


def is_on_record(
    session: Session,
    name: str,
    address: str | None,
    *,
    now: datetime,
    events: "Events" = SignInEvent,
) -> bool:
    """Tell whether a wait of this name and network was recorded within the last minute.

    Somebody who keeps knocking must not fill the disk with the record of it.
    """
    found = session.scalars(
        select(events.id)
        .where(
            events.name == name,
            from_network(address, events),
            events.kind == SignInKind.THROTTLED,
            between(now - timedelta(minutes=1), now, events),
        )
        .limit(1)
    ).one_or_none()
    return found is not None


def _network(address: str | None) -> str | None:
    if address is None:
        return None
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _IPV6_PREFIX), strict=False))
    return str(found)


def from_network(address: str | None, events: "Events") -> ColumnElement[bool]:
    """Select the events of the network that an address is in."""
    network = _network(address)
    if network is None:
        return events.address.is_(None)
    return events.address.op("<<=", is_comparison=True)(cast(network, INET))


def between(
    since: ColumnElement[datetime] | datetime, now: datetime, events: "Events"
) -> ColumnElement[bool]:
    """Leave out what was recorded while the clock was ahead: people would wait for years."""
    return (events.at > since) & (events.at <= now + AHEAD)


def _after_repeats(
    session: Session, name: str, here: ColumnElement[bool], now: datetime, events: "Events"
) -> timedelta:
    """Wait after wrong tries in a row: those since the last success, within the window."""
    mine = (events.name == name) & here
    success = (
        select(func.max(events.at))
        .where(mine, events.kind == SignInKind.SIGNED_IN, events.at <= now + AHEAD)
        .scalar_subquery()
    )
    since = func.greatest(now - LONGEST_WAIT - WINDOW, success)
    count, last = session.execute(
        select(func.count(), func.max(events.at)).where(
            mine, events.kind.in_(FAILURES), between(since, now, events)
        )
    ).one()
    if count < FREE_TRIES:
        return timedelta()
    doubled = timedelta(seconds=2.0 ** min(count - FREE_TRIES, 16))
    return max(timedelta(), last + min(doubled, LONGEST_WAIT) - now)


def _after_many(
    session: Session, where: list[ColumnElement[bool]], now: datetime, events: "Events"
) -> timedelta:
    """Wait until fewer than MANY failures are within the window."""
    since = now - WINDOW
    oldest = session.scalars(
        select(events.at)
        .where(*where, between(since, now, events), events.kind.in_(FAILURES))
        .order_by(events.at.desc())
        .offset(MANY - 1)
        .limit(1)
    ).one_or_none()
    return timedelta() if oldest is None else oldest + WINDOW - now


def _after_guesses(
    session: Session, name: str, here: ColumnElement[bool], now: datetime, events: "Events"
) -> timedelta:
    """Wait when a name is guessed at from many places, unless this place is known."""
    waited = _after_many(session, [events.name == name], now, events)
    if not waited:
        return waited
    known = session.scalars(
        select(events.id)
        .where(
            events.name == name,
            here,
            events.kind == SignInKind.SIGNED_IN,
            between(now - KNOWN_FOR, now, events),
        )
        .limit(1)
    ).one_or_none()
    return timedelta() if known else waited
