# SPDX-License-Identifier: Apache-2.0
"""Customers' accounts on the portal, for the staff: who has one, lock it, mail its link again."""

from uuid import UUID

from sqlalchemy.orm import Session

from poser.auth import Caller
from poser.clock import utc_now
from poser.model import PortalAccount
from poser.portal.signing_in import end_sessions
from poser.portal.signing_up import send_again
from web.language import _
from web.permissions import Permission
from web.resources import Area, Resource, Section
from web.resources.parts import READ_ONLY, added, read_only
from web.resources.resource import Action

EDIT = Permission("portal_accounts.edit", "Lock accounts of customers, and mail their links again")
_FIELDS = ("address", "customer_id", "person_id", "is_locked")
_TIMES = ("consented_at", "confirmed_at", "last_sign_in_at")


def _lock(session: Session, key: UUID) -> str:
    account = session.get_one(PortalAccount, key)
    account.is_locked = True
    end_sessions(session, account)
    return _("Locked, and signed out everywhere.")


def _unlock(session: Session, key: UUID) -> str:
    session.get_one(PortalAccount, key).is_locked = False
    return _("Unlocked.")


def _send_again(session: Session, key: UUID) -> str:
    send_again(session, session.get_one(PortalAccount, key), Caller(address=None, now=utc_now()))
    return _("A new link is on its way; older ones do not hold any more.")


RESOURCES = (
    Resource(
        model=PortalAccount,
        path="/portal-accounts",
        title="Portal accounts",
        one="portal account",
        many="portal accounts",
        icon="key",
        area=Area.PEOPLE,
        rank=25,
        about="Customers who sign in to the portal. Who they are stands with the customer.",
        empty="Nobody has signed up yet, or the portal runs on another node.",
        label="address",
        order="created_at",
        search="address",
        search_hint="Email address",
        can=READ_ONLY,
        columns=(
            "address",
            "customer_id",
            "confirmed_at",
            "is_locked",
            "last_sign_in_at",
            added(PortalAccount),
        ),
        sections=(Section(title="Account", fields=_FIELDS), Section(title="Time", fields=_TIMES)),
        fields=read_only(PortalAccount, *_FIELDS, *_TIMES),
        actions=(
            Action(
                name="lock",
                label="Lock",
                icon="lock",
                permission=EDIT,
                run=_lock,
                available=lambda record: not record["is_locked"],
                is_dangerous=True,
            ),
            Action(
                name="unlock",
                label="Unlock",
                icon="key",
                permission=EDIT,
                run=_unlock,
                available=lambda record: record["is_locked"],
            ),
            Action(
                name="send-again",
                label="Mail the link again",
                icon="mail",
                permission=EDIT,
                run=_send_again,
                available=lambda record: not (record["confirmed_at"] or record["is_locked"]),
            ),
        ),
    ),
)
