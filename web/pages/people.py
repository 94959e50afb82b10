# SPDX-License-Identifier: Apache-2.0
"""People, each once: customers, members, employees, contacts and users are people."""

from poser.model import Person, PersonMerge
from web.resources import Area, Related, Resource, Section
from web.resources.parts import READ_ONLY, WITH_MERGE

RESOURCES = (
    Resource(
        model=Person,
        path="/people",
        title="People",
        one="person",
        many="people",
        icon="person",
        area=Area.PEOPLE,
        rank=10,
        about="Everybody, each once: a person may be customer, member and employee in one.",
        empty="Add the first one here, or import them from a file.",
        is_imported=True,
        label="display_name",
        order="display_name",
        can=WITH_MERGE,
        search="display_name",
        search_hint="Name",
        columns=("display_name", "given_name", "family_name", "language", "modified_at"),
        columns_more=("preferred_name", "middle_name", "is_local"),
        sections=(
            Section(
                title="Name",
                fields=(
                    "display_name",
                    "given_name",
                    "preferred_name",
                    "middle_name",
                    "family_name",
                ),
            ),
            Section(title="More", fields=("language", "is_local", "is_archived")),
        ),
        related=(
            Related(table="phones", by="person_id"),
            Related(table="email_addresses", by="person_id"),
            Related(table="postal_addresses", by="person_id"),
            Related(table="customer_people", by="person_id"),
            Related(table="members", by="person_id"),
            Related(table="employees", by="person_id"),
            Related(table="vendor_contacts", by="person_id"),
            Related(table="notes", by="person_id"),
        ),
    ),
    Resource(
        model=PersonMerge,
        path="/person-merges",
        title="Merges of people",
        one="merge",
        many="merges",
        icon="merge",
        area=Area.PEOPLE,
        in_menu=False,
        about="Who was found to be entered twice, who asked to merge them, and who did.",
        empty="Merges are asked for on the page of a person.",
        label="kept_id",
        order="merged_at",
        is_small=True,
        can=READ_ONLY,
        columns=("kept_id", "removed_id", "status", "asked_by_id", "merged_by_id", "merged_at"),
    ),
)
