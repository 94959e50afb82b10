# SPDX-License-Identifier: Apache-2.0
"""Members of a cooperative, kinds of membership, and what members paid toward their share."""

from poser.model import Member, MemberEquityPayment, MembershipType
from web.grid.subject import Total
from web.resources import Area, Related, Resource, Section
from web.resources.parts import WITH_MERGE, added, table_of

RESOURCES = (
    Resource(
        model=Member,
        path="/members",
        title="Members",
        one="member",
        many="members",
        icon="id-card",
        area=Area.PEOPLE,
        rank=30,
        about="Memberships: whose they are, since when, and the share that is required.",
        empty="Add the first one here, or import them from a file.",
        is_imported=True,
        label="number",
        order="created_at",
        can=WITH_MERGE,
        search="number",
        search_hint="Number",
        columns=(
            "number",
            "person_id",
            "membership_type_id",
            "is_active",
            "joined_on",
            "equity_required",
            "equity_due_on",
            added(Member),
        ),
        columns_more=("customer_id", "withdrew_on", "equity_credit"),
        sections=(
            Section(
                title="Member",
                fields=("number", "membership_type_id", "person_id", "customer_id", "is_active"),
            ),
            Section(title="Time", fields=("joined_on", "withdrew_on")),
            Section(title="Share", fields=("equity_required", "equity_credit", "equity_due_on")),
        ),
        related=(
            Related(table="member_equity_payments", by="member_id"),
            Related(table="notes", by="member_id"),
        ),
    ),
    Resource(
        model=MembershipType,
        path="/membership-types",
        title="Kinds of membership",
        one="kind of membership",
        many="kinds of membership",
        icon="id-card",
        area=Area.PEOPLE,
        rank=31,
        about="The kinds of membership that you offer, and the share that each requires.",
        empty="Add the first one here if your store has members.",
        label="name",
        order="number",
        is_small=True,
        search="number name",
        search_hint="Name or number",
        columns=("number", "name", "equity_required", "is_offered_online", "modified_at"),
        related=(Related(table="members", by="membership_type_id"),),
    ),
    Resource(
        model=MemberEquityPayment,
        path="/equity-payments",
        title="Payments of members",
        one="payment",
        many="payments",
        icon="piggy-bank",
        area=Area.PEOPLE,
        rank=32,
        about="What members paid toward their share. What a member has paid is their sum.",
        empty="Add a payment on the page of the member.",
        label="member_id",
        order="created_at",
        columns=(
            "received_at",
            "member_id",
            "amount",
            "status",
            "description",
            "source",
            added(MemberEquityPayment),
        ),
        columns_more=("currency", "source_key"),
        total=Total(column="amount", label="Total", value=table_of(MemberEquityPayment).c.amount),
        sections=(
            Section(
                title="Payment",
                fields=("member_id", "amount", "currency", "received_at", "status", "description"),
            ),
            Section(title="Where it came from", fields=("source", "source_key")),
        ),
    ),
)
