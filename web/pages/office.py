# SPDX-License-Identifier: Apache-2.0
"""The office: messages between users, notes, reports that were made, and upgrades."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select

from poser.model import Message, MessageRecipient, Note, ReportOutput, Upgrade, UpgradeRequirement
from web.resources import Area, Related, Resource, Section, Verb
from web.resources.parts import READ_ONLY, added, read_only, table_of
from web.visits import Visitor

_MESSAGES = table_of(Message).c
_RECIPIENTS = table_of(MessageRecipient).c


def _own_messages(visitor: Visitor) -> Sequence[ColumnElement[bool]]:
    """Show people what they sent and what was sent to them, whatever else they may do."""
    received = select(_RECIPIENTS.message_id).where(_RECIPIENTS.user_id == visitor.user_id)
    return [or_(_MESSAGES.sender_id == visitor.user_id, _MESSAGES.id.in_(received))]


def _own_recipients(visitor: Visitor) -> Sequence[ColumnElement[bool]]:
    mine = select(_MESSAGES.id).where(*_own_messages(visitor))
    return [_RECIPIENTS.message_id.in_(mine)]


RESOURCES = (
    Resource(
        model=Message,
        path="/messages",
        title="Messages",
        one="message",
        many="messages",
        icon="message-square",
        area=Area.WORK,
        rank=40,
        about="Messages between users of this node. You see those to you and from you.",
        empty="Nobody wrote to you yet.",
        label="subject",
        order="created_at",
        scopes=_own_messages,
        can=frozenset({Verb.VIEW, Verb.CREATE, Verb.DELETE}),
        search="subject body",
        search_hint="Words",
        columns=("subject", "sender_id", "sent_at", added(Message, "Written")),
        sections=(
            Section(title="", fields=("subject", "body")),
            Section(title="Sent", fields=("sender_id", "sent_at")),
        ),
        fields=read_only(Message, "sender_id", "sent_at"),
        related=(Related(table="message_recipients", by="message_id"),),
    ),
    Resource(
        model=MessageRecipient,
        path="/message-recipients",
        title="Recipients of messages",
        one="recipient",
        many="recipients",
        icon="inbox",
        area=Area.WORK,
        in_menu=False,
        about="Who got which messages, and who has read them.",
        empty="Add a recipient on the page of the message.",
        label="user_id",
        order="created_at",
        scopes=_own_recipients,
        can=frozenset({Verb.VIEW, Verb.CREATE}),
        columns=("user_id", "message_id", "folder", "read_at", added(MessageRecipient)),
        sections=(Section(title="", fields=("message_id", "user_id", "folder", "read_at")),),
        fields=read_only(MessageRecipient, "folder", "read_at"),
    ),
    Resource(
        model=Note,
        path="/notes",
        title="Notes",
        one="note",
        many="notes",
        icon="sticky-note",
        area=Area.WORK,
        rank=41,
        about="Notes about people, customers, members, employees, vendors and products.",
        empty="Add a note on the page of what it is about.",
        label="subject",
        order="created_at",
        search="subject text",
        search_hint="Words",
        columns=("subject", "text", "kind", "is_pinned", "created_by_id", added(Note)),
        columns_more=(
            "person_id",
            "customer_id",
            "member_id",
            "employee_id",
            "vendor_id",
            "product_id",
        ),
        sections=(
            Section(title="Note", fields=("subject", "text", "kind", "is_pinned")),
            Section(
                title="About",
                fields=(
                    "person_id",
                    "customer_id",
                    "member_id",
                    "employee_id",
                    "vendor_id",
                    "product_id",
                ),
            ),
            Section(title="Who", fields=("created_by_id",)),
        ),
        fields=read_only(Note, "created_by_id"),
    ),
    Resource(
        model=ReportOutput,
        path="/report-outputs",
        title="Reports made",
        one="report",
        many="reports",
        icon="file-chart-column",
        area=Area.WORK,
        rank=42,
        about="Reports that were made on this node, with what was asked for.",
        empty="Nobody made a report here yet.",
        label="title",
        order="created_at",
        can=READ_ONLY,
        search="report title file_name",
        search_hint="Report or file",
        columns=("title", "report", "row_count", "file_name", "created_by_id", added(ReportOutput)),
        sections=(
            Section(title="Report", fields=("report", "title", "parameters")),
            Section(title="File", fields=("file_name", "row_count", "created_by_id")),
        ),
    ),
    Resource(
        model=Upgrade,
        path="/upgrades",
        title="Upgrades",
        one="upgrade",
        many="upgrades",
        icon="circle-arrow-up",
        area=Area.SYSTEM,
        rank=60,
        about="Upgrades of this node's software: planned, running, done.",
        empty="None is planned.",
        label="description",
        order="created_at",
        is_small=True,
        search="system description",
        search_hint="Words",
        columns=(
            "description",
            "system",
            "status",
            "not_before",
            "is_enabled",
            "executed_at",
            "created_at",
        ),
        columns_more=("exit_code", "executed_by_id"),
        sections=(
            Section(
                title="Upgrade",
                fields=("system", "description", "notes", "not_before", "is_enabled"),
            ),
            Section(
                title="What became of it",
                fields=("status", "executed_at", "executed_by_id", "exit_code", "created_by_id"),
            ),
        ),
        fields=read_only(
            Upgrade, "status", "executed_at", "executed_by_id", "exit_code", "created_by_id"
        ),
        related=(Related(table="upgrade_requirements", by="upgrade_id"),),
    ),
    Resource(
        model=UpgradeRequirement,
        path="/upgrade-requirements",
        title="What upgrades must bring",
        one="package",
        many="packages",
        icon="package",
        area=Area.SYSTEM,
        in_menu=False,
        about="Which versions of which packages an upgrade must bring.",
        empty="Add a package on the page of the upgrade.",
        label="package",
        order="package",
        is_small=True,
        columns=("package", "version", "upgrade_id"),
    ),
)
