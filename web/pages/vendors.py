# SPDX-License-Identifier: Apache-2.0
"""Vendors: whom the retailer buys from, whom one talks to there, and their sample files."""

from poser.model import Vendor, VendorContact, VendorSampleFile
from web.resources import Area, Related, Resource, Section
from web.resources.parts import WITH_MERGE, read_only

VENDORS = Resource(
    model=Vendor,
    path="/vendors",
    title="Vendors",
    one="vendor",
    many="vendors",
    icon="truck",
    area=Area.BUYING,
    rank=10,
    about="Whom you buy from: terms, discount and days between order and delivery.",
    empty="Add the first one here, or import them from a file.",
    is_imported=True,
    label="name",
    order="name",
    is_small=True,
    can=WITH_MERGE,
    search="number name abbreviation account_number",
    search_hint="Name or number",
    columns=("number", "name", "terms", "discount_percent", "lead_time_days", "modified_at"),
    columns_more=("abbreviation", "account_number", "currency", "order_interval_days"),
    sections=(
        Section(title="Vendor", fields=("number", "name", "abbreviation", "account_number")),
        Section(title="Terms", fields=("terms", "currency", "discount_percent")),
        Section(title="Orders", fields=("lead_time_days", "order_interval_days", "is_archived")),
    ),
    related=(
        Related(table="vendor_contacts", by="vendor_id"),
        Related(table="phones", by="vendor_id"),
        Related(table="email_addresses", by="vendor_id"),
        Related(table="postal_addresses", by="vendor_id"),
        Related(table="vendor_items", by="vendor_id"),
        Related(table="purchases", by="vendor_id"),
        Related(table="vendor_sample_files", by="vendor_id"),
        Related(table="notes", by="vendor_id"),
    ),
)

RESOURCES = (
    VENDORS,
    Resource(
        model=VendorContact,
        path="/vendor-contacts",
        title="Contacts at vendors",
        one="contact",
        many="contacts",
        icon="contact",
        area=Area.BUYING,
        in_menu=False,
        about="Whom to talk to at a vendor.",
        empty="Add a contact on the page of the vendor.",
        label="person_id",
        order="ordinal",
        is_small=True,
        columns=("person_id", "vendor_id", "title", "ordinal"),
        sections=(Section(title="", fields=("vendor_id", "person_id", "title", "ordinal")),),
    ),
    Resource(
        model=VendorSampleFile,
        path="/vendor-sample-files",
        title="Sample files of vendors",
        one="sample file",
        many="sample files",
        icon="file-spreadsheet",
        area=Area.BUYING,
        in_menu=False,
        about="Files as vendors send them, kept to write and test imports with.",
        empty="Add a file on the page of the vendor.",
        label="file_name",
        order="created_at",
        is_small=True,
        search="file_name kind",
        search_hint="Name of the file",
        columns=("file_name", "vendor_id", "kind", "effective_on", "created_at"),
        sections=(
            Section(title="", fields=("vendor_id", "kind", "file_name", "content")),
            Section(title="More", fields=("effective_on", "notes", "created_by_id")),
        ),
        fields=read_only(VendorSampleFile, "created_by_id"),
    ),
)
