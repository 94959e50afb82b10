# SPDX-License-Identifier: Apache-2.0
"""Products as vendors call and pack them, and what vendors charge for them."""

from poser.model import VendorCost, VendorItem
from web.resources import Area, Related, Resource, Section
from web.resources.parts import added, changed_with_costs, seen_with_costs

VENDOR_ITEMS = Resource(
    model=VendorItem,
    path="/vendor-items",
    title="Vendors' products",
    one="vendor's product",
    many="vendors' products",
    icon="package-search",
    area=Area.BUYING,
    rank=20,
    about="Which vendor has which product, under which code, and how many are in a case.",
    empty="Add a vendor on the page of a product, or import a vendor's catalogue.",
    label="product_id",
    order="created_at",
    search="code",
    search_hint="The vendor's code",
    columns=(
        "code",
        "product_id",
        "vendor_id",
        "case_size",
        "ordinal",
        "is_discontinued",
        added(VendorItem),
    ),
    columns_more=("description", "pack_size"),
    sections=(
        Section(title="", fields=("product_id", "vendor_id", "code", "description")),
        Section(title="Packing", fields=("case_size", "pack_size")),
        Section(title="Orders", fields=("ordinal", "is_discontinued")),
    ),
    related=(Related(table="vendor_costs", by="vendor_item_id"),),
)

RESOURCES = (
    VENDOR_ITEMS,
    Resource(
        model=VendorCost,
        path="/vendor-costs",
        title="Vendors' costs",
        one="cost",
        many="costs",
        icon="hand-coins",
        area=Area.BUYING,
        rank=21,
        about="What vendors charge: now, before, and from a day to come.",
        empty="Add a cost on the page of a vendor's product, or import a vendor's catalogue.",
        label="vendor_item_id",
        order="created_at",
        store="store_id",
        guarded=seen_with_costs(VendorCost),
        guarded_edit=changed_with_costs(VendorCost),
        columns=(
            "vendor_item_id",
            "kind",
            "unit_cost",
            "case_cost",
            "store_id",
            "valid",
            added(VendorCost),
        ),
        columns_more=("discount_percent", "currency"),
        sections=(
            Section(title="", fields=("vendor_item_id", "store_id", "kind")),
            Section(
                title="Cost", fields=("unit_cost", "case_cost", "discount_percent", "currency")
            ),
            Section(title="When", fields=("valid",)),
        ),
    ),
)
