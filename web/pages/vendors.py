# SPDX-License-Identifier: Apache-2.0
"""Vendors: whom the retailer buys from."""

from poser.model import Vendor
from web.resources import Area, Related, Resource, Section

RESOURCES = (
    Resource(
        model=Vendor,
        path="/vendors",
        title="Vendors",
        one="vendor",
        many="vendors",
        icon="truck",
        area=Area.BUYING,
        about="Whom you buy from: terms, discount and days between order and delivery.",
        empty="Add the first one here, or bring them in with `poser import csv vendors`.",
        label="name",
        order="name",
        is_small=True,
        search="number name abbreviation account_number",
        search_hint="Name or number",
        columns=("number", "name", "terms", "discount_percent", "lead_time_days", "modified_at"),
        sections=(
            Section(title="Vendor", fields=("number", "name", "abbreviation", "account_number")),
            Section(title="Terms", fields=("terms", "currency", "discount_percent")),
            Section(
                title="Orders", fields=("lead_time_days", "order_interval_days", "is_archived")
            ),
        ),
        related=(
            Related(table="vendor_contacts", by="vendor_id"),
            Related(table="vendor_items", by="vendor_id"),
        ),
    ),
)
