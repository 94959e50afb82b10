# SPDX-License-Identifier: Apache-2.0
"""What an account may do: decided here, and asked by every page."""

from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.model import Customer, PortalAccount


class Deed(Enum):
    """One thing that somebody may want to do on the portal."""

    COME_IN = "sign up, sign in, or ask for a link by mail"
    SEE_SELF = "see and download what is kept about oneself"
    CHANGE_SELF = "change one's details and preferences"
    SEE_PURCHASES = "see one's purchases"
    ASK_FOR_MEMBERSHIP = "ask to become a member"
    LEAVE = "delete one's account"


STRANGERS = frozenset({Deed.COME_IN})
_ARCHIVED = frozenset({Deed.COME_IN, Deed.SEE_SELF, Deed.SEE_PURCHASES, Deed.LEAVE})


def deeds_of(session: Session, account: PortalAccount | None) -> frozenset[Deed]:
    """Say what the holder of an account may do; without one, what a stranger may.

    Whose customer the staff has archived sees what there is and changes nothing any more.
    """
    if account is None or account.is_locked or account.confirmed_at is None:
        return STRANGERS
    is_archived = session.scalar(
        select(Customer.is_archived).where(Customer.id == account.customer_id)
    )
    return _ARCHIVED if is_archived else frozenset(Deed)
