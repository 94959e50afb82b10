# SPDX-License-Identifier: Apache-2.0
"""The emails of the portal: to customers in their language, to the staff in English."""

from collections.abc import Mapping
from datetime import timedelta

from poser.mail import EmailType
from poser.model.portal import PortalTokenKind

__all__ = ["BY_KIND", "FIRST_LANGUAGE", "SUBJECTS", "EmailType"]

FIRST_LANGUAGE = "en"
SUBJECTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "portal_confirm": "Confirm your email address",
        "portal_known": "You have an account already",
        "portal_password": "Choose a new password",
        "portal_address": "Confirm your new email address",
        "portal_changed": "Your account was changed",
    },
    "de": {
        "portal_confirm": "Bestätigen Sie Ihre E-Mail-Adresse",
        "portal_known": "Sie haben schon ein Konto",
        "portal_password": "Wählen Sie ein neues Passwort",
        "portal_address": "Bestätigen Sie Ihre neue E-Mail-Adresse",
        "portal_changed": "Ihr Konto wurde geändert",
    },
}
"""The languages that customers are written to in, and the subject of each mail."""

_ALL = 1_000_000_000  # mails to customers are never put together with those to others


def _to_customers(key: str, description: str, *names: str) -> EmailType:
    return EmailType(
        key=key,
        description=description,
        subject="{subject}",
        sample={
            "subject": SUBJECTS[FIRST_LANGUAGE][key],
            "language": FIRST_LANGUAGE,
            **{name: _SAMPLES[name] for name in names},
        },
        secret=tuple(name for name in names if name == "token"),
        is_for_customers=True,
        repeats_within=timedelta(0),
        most_per_hour=_ALL,
    )


_SAMPLES = {"token": "the-link-that-only-the-customer-gets", "what": "password"}

PORTAL_CONFIRM = _to_customers(
    "portal_confirm", "To a customer who signed up on the portal: the link to go on.", "token"
)
PORTAL_KNOWN = _to_customers(
    "portal_known", "To a customer who signed up on the portal and has an account already."
)
PORTAL_PASSWORD = _to_customers(
    "portal_password", "To a customer who forgot the password of the portal: a link.", "token"
)
PORTAL_ADDRESS = _to_customers(
    "portal_address", "To the new address of a customer of the portal: a link.", "token"
)
PORTAL_CHANGED = _to_customers(
    "portal_changed", "To a customer of the portal whose password or address changed.", "what"
)
PORTAL_MEMBERSHIP = EmailType(
    key="portal_membership",
    description="A customer asks on the portal to become a member: decide and activate it.",
    subject="{name} asks to become a member ({kind})",
    sample={
        "name": "Ada Ash",
        "kind": "Household",
        "number": "2941837265018",
        "member_id": "0196f3c0-0000-7000-8000-000000000000",
    },
    repeats_within=timedelta(0),
)
PORTAL_LEFT = EmailType(
    key="portal_left",
    description="A customer deleted their account on the portal; something is left to decide.",
    subject="{name} deleted their account on the portal",
    sample={
        "name": "Ada Ash",
        "customer_id": "0196f3c0-0000-7000-8000-000000000000",
        "why": "they are a member",
    },
    repeats_within=timedelta(0),
)

BY_KIND = {
    PortalTokenKind.CONFIRM: PORTAL_CONFIRM,
    PortalTokenKind.PASSWORD: PORTAL_PASSWORD,
    PortalTokenKind.ADDRESS: PORTAL_ADDRESS,
}
"""The mail that carries each kind of link."""
