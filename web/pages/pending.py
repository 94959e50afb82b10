# SPDX-License-Identifier: Apache-2.0
"""Products and customers that somebody wrote down and that are to be found or made."""

from poser.model import PendingCustomer, PendingProduct
from web.resources import Area, Resource, Section
from web.resources.parts import added, changed_with_costs, read_only, seen_with_costs

_DONE = ("created_by_id", "resolved_by_id", "resolved_at")

RESOURCES = (
    Resource(
        model=PendingProduct,
        path="/pending-products",
        title="Pending products",
        one="pending product",
        many="pending products",
        icon="package-plus",
        area=Area.PRODUCTS,
        rank=12,
        about="Products that somebody described and that are still to be found or made.",
        empty="Nothing waits here. Describe a product that is not known yet.",
        label="description",
        order="created_at",
        search="description brand_name entry",
        search_hint="Words, brand or what was scanned",
        guarded=seen_with_costs(PendingProduct),
        guarded_edit=changed_with_costs(PendingProduct),
        columns=(
            "description",
            "brand_name",
            "size",
            "entry",
            "status",
            "vendor_id",
            "price",
            added(PendingProduct),
        ),
        columns_more=("gtin", "department_id", "vendor_code", "case_size", "unit_cost"),
        sections=(
            Section(
                title="Product",
                fields=(
                    "entry",
                    "gtin",
                    "description",
                    "brand_name",
                    "size",
                    "department_id",
                    "is_weighed",
                    "is_special_order",
                ),
            ),
            Section(
                title="Buying",
                fields=("vendor_id", "vendor_code", "case_size", "unit_cost", "price"),
            ),
            Section(title="What became of it", fields=("status", "product_id", "notes", *_DONE)),
        ),
        fields=read_only(PendingProduct, *_DONE),
    ),
    Resource(
        model=PendingCustomer,
        path="/pending-customers",
        title="Pending customers",
        one="pending customer",
        many="pending customers",
        icon="user-plus",
        area=Area.PEOPLE,
        rank=22,
        about="Customers that somebody wrote down and that are still to be found or made.",
        empty="Nobody waits here. Write down a customer who is not known yet.",
        label="display_name",
        order="created_at",
        search="display_name phone email",
        search_hint="Name, telephone or email",
        columns=("display_name", "phone", "email", "status", added(PendingCustomer)),
        columns_more=("given_name", "family_name", "customer_id"),
        sections=(
            Section(
                title="Customer",
                fields=(
                    "display_name",
                    "given_name",
                    "family_name",
                    "phone",
                    "email",
                    "address",
                ),
            ),
            Section(title="What became of it", fields=("status", "customer_id", "notes", *_DONE)),
        ),
        fields=read_only(PendingCustomer, *_DONE),
    ),
)
