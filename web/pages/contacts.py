# SPDX-License-Identifier: Apache-2.0
"""Telephone numbers, email addresses and postal addresses, on the pages of whose they are."""

from poser.model import EmailAddress, Phone, PostalAddress
from web.resources import Area, Resource, Section
from web.resources.parts import added

_OF = Section(title="Whose", fields=("person_id", "customer_id", "vendor_id", "store_id"))

RESOURCES = (
    Resource(
        model=Phone,
        path="/phones",
        title="Telephone numbers",
        one="telephone number",
        many="telephone numbers",
        icon="phone",
        area=Area.PEOPLE,
        in_menu=False,
        about="Telephone numbers of people, customers, vendors and stores.",
        empty="Add a number on the page of whose it is.",
        label="number",
        order="created_at",
        search="number",
        search_hint="Number",
        columns=("number", "kind", "extension", "takes_texts", "is_invalid", added(Phone)),
        columns_more=_OF.fields,
        sections=(
            Section(
                title="",
                fields=("number", "kind", "extension", "takes_texts", "is_invalid", "ordinal"),
            ),
            _OF,
        ),
    ),
    Resource(
        model=EmailAddress,
        path="/email-addresses",
        title="Email addresses",
        one="email address",
        many="email addresses",
        icon="at-sign",
        area=Area.PEOPLE,
        in_menu=False,
        about="Email addresses of people, customers, vendors and stores.",
        empty="Add an address on the page of whose it is.",
        label="address",
        order="created_at",
        search="address",
        search_hint="Address",
        columns=("address", "kind", "is_invalid", added(EmailAddress)),
        columns_more=_OF.fields,
        sections=(
            Section(title="", fields=("address", "kind", "is_invalid", "ordinal")),
            _OF,
        ),
    ),
    Resource(
        model=PostalAddress,
        path="/postal-addresses",
        title="Postal addresses",
        one="postal address",
        many="postal addresses",
        icon="map-pin",
        area=Area.PEOPLE,
        in_menu=False,
        about="Postal addresses of people, customers, vendors and stores, of any country.",
        empty="Add an address on the page of whose it is.",
        label="street",
        order="created_at",
        search="street city postal_code",
        search_hint="Street, city or postal code",
        columns=(
            "street",
            "city",
            "region",
            "postal_code",
            "country",
            "kind",
            "is_invalid",
            added(PostalAddress),
        ),
        columns_more=_OF.fields,
        sections=(
            Section(
                title="Address",
                fields=(
                    "recipient",
                    "organization",
                    "street",
                    "street_2",
                    "district",
                    "city",
                    "region",
                    "postal_code",
                    "sorting_code",
                    "country",
                ),
            ),
            Section(title="Use", fields=("kind", "is_invalid", "ordinal")),
            _OF,
        ),
    ),
)
