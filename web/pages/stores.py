# SPDX-License-Identifier: Apache-2.0
"""Stores: the shops of the retailer."""

from poser.model import Store
from web.resources import Area, Related, Resource, Section

RESOURCES = (
    Resource(
        model=Store,
        path="/stores",
        title="Stores",
        one="store",
        many="stores",
        icon="store",
        area=Area.SALES,
        rank=30,
        about="Your shops: the number that tills know, the node that serves it, its time zone.",
        empty="Add the first one here, with the number that its tills report.",
        label="name",
        order="number",
        is_small=True,
        search="number name",
        search_hint="Name or number",
        columns=("number", "name", "node", "time_zone", "opened_on", "modified_at"),
        columns_more=("currency",),
        sections=(
            Section(title="Store", fields=("number", "name", "opened_on", "is_archived")),
            Section(title="Where", fields=("node", "time_zone", "currency")),
        ),
        related=(
            Related(table="phones", by="store_id"),
            Related(table="email_addresses", by="store_id"),
            Related(table="postal_addresses", by="store_id"),
            Related(table="employee_stores", by="store_id"),
        ),
    ),
)
