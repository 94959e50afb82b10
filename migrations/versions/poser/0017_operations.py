# SPDX-License-Identifier: Apache-2.0
"""Reports, upgrades and mail of a node."""

from migrations.recording import record, unrecord
from migrations.tables import (
    CREATED_AT,
    KEY,
    check,
    column,
    create_table,
    drop_tables,
    index,
    references,
    unique,
)

revision = "poser_0017"
down_revision = "poser_0016"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

RECORDED = ("email_bounces",)


def upgrade() -> None:
    """Create the tables."""
    _create_report_outputs()
    _create_upgrades()
    _create_upgrade_requirements()
    _create_email_attempts()
    _create_email_bounces()
    for table in RECORDED:
        record(table)


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in reversed(RECORDED):
        unrecord(table)
    drop_tables(
        "email_bounces", "email_attempts", "upgrade_requirements", "upgrades", "report_outputs"
    )


def _create_report_outputs() -> None:
    create_table(
        "report_outputs",
        "Reports that were made on this node.",
        KEY,
        column("report", "text NOT NULL", "Which report, such as sales_by_department."),
        column("title", "text DEFAULT '' NOT NULL", "What people read."),
        column("parameters", "jsonb DEFAULT '{}' NOT NULL", "What it was asked for."),
        column("row_count", "integer", "How many rows it has."),
        column(
            "file_name",
            "text DEFAULT '' NOT NULL",
            "Name of its file in the node's folder of reports.",
        ),
        column("sha256", "bytea", "SHA-256 of the file."),
        column("created_by_id", "uuid", "Who asked for it."),
        CREATED_AT,
        check(
            "report",
            "report <> '' AND report = btrim(report)",
            "The report may not be empty or have blanks around it.",
        ),
        check("row_count", "row_count >= 0", "A report has no fewer rows than none."),
        references("created_by_id", "users (id)", "ON DELETE SET NULL"),
        index("created_by_id"),
        index("report, created_at"),
    )


def _create_upgrades() -> None:
    create_table(
        "upgrades",
        "Upgrades of this node's software.",
        KEY,
        column("system", "text NOT NULL", "What is upgraded, such as poser."),
        column("description", "text DEFAULT '' NOT NULL", "What the upgrade brings."),
        column("notes", "text DEFAULT '' NOT NULL", "What somebody wrote about it."),
        column("not_before", "timestamptz", "Not to run before (UTC)."),
        column("is_enabled", "boolean DEFAULT true NOT NULL", "May run."),
        column(
            "status", "text DEFAULT 'waiting' NOT NULL", "waiting, running, succeeded or failed."
        ),
        column("created_by_id", "uuid", "Who asked for it."),
        column("executed_by_id", "uuid", "Who let it run."),
        column("executed_at", "timestamptz", "When it ended (UTC)."),
        column("exit_code", "integer", "Exit code; 0 is success."),
        CREATED_AT,
        check(
            "exit_code",
            "exit_code IS NULL OR status IN ('succeeded', 'failed')",
            "An upgrade has an exit code when it has run.",
        ),
        check(
            "status",
            "status IN ('waiting', 'running', 'succeeded', 'failed')",
            "Status is waiting, running, succeeded, failed; not {status}.",
        ),
        check(
            "system",
            "system <> '' AND system = btrim(system)",
            "The system may not be empty or have blanks around it.",
        ),
        references("created_by_id", "users (id)", "ON DELETE SET NULL"),
        references("executed_by_id", "users (id)", "ON DELETE SET NULL"),
        index("created_by_id"),
        index("executed_by_id"),
    )


def _create_upgrade_requirements() -> None:
    create_table(
        "upgrade_requirements",
        "What upgrades must bring.",
        KEY,
        column("upgrade_id", "uuid NOT NULL", "The upgrade."),
        column("package", "text NOT NULL", "Name of the package."),
        column("version", "text DEFAULT '' NOT NULL", "Version, or the least version as >=1.2."),
        check(
            "package",
            "package <> '' AND package = btrim(package)",
            "The package may not be empty or have blanks around it.",
        ),
        unique("upgrade_id, package"),
        references("upgrade_id", "upgrades (id)", "ON DELETE CASCADE"),
    )


def _create_email_attempts() -> None:
    create_table(
        "email_attempts",
        "Mail that this node tried to send.",
        KEY,
        column("key", "text NOT NULL", "Which kind of mail, such as import_failed."),
        column("at", "timestamptz NOT NULL", "When it was tried (UTC)."),
        column("sender", "text DEFAULT '' NOT NULL", "Address it is from."),
        column("recipients", "text[] DEFAULT '{}' NOT NULL", "Addresses it is to."),
        column("subject", "text DEFAULT '' NOT NULL", "Its subject."),
        column("status", "text NOT NULL", "sent, failed or not_sent (switched off)."),
        column(
            "status_text", "text DEFAULT '' NOT NULL", "What the mail server or the error said."
        ),
        check(
            "key",
            "key <> '' AND key = btrim(key)",
            "The key may not be empty or have blanks around it.",
        ),
        check(
            "status",
            "status IN ('sent', 'failed', 'not_sent')",
            "Status is sent, failed, not_sent; not {status}.",
        ),
        index("key, at"),
    )


def _create_email_bounces() -> None:
    create_table(
        "email_bounces",
        "Mail that came back to this node.",
        KEY,
        column("at", "timestamptz NOT NULL", "When it came back (UTC)."),
        column("recipient", "text NOT NULL", "Address that did not get the mail."),
        column("mailbox", "text DEFAULT '' NOT NULL", "Address it came back to."),
        column(
            "kind",
            "text DEFAULT 'unknown' NOT NULL",
            "hard, soft, complaint, auto_reply or unknown.",
        ),
        column("reason", "text DEFAULT '' NOT NULL", "What the other mail server said."),
        column("sha256", "bytea", "SHA-256 of the mail that came back, so that it is taken once."),
        column("processed_at", "timestamptz", "When somebody dealt with it (UTC)."),
        column("processed_by_id", "uuid", "Who dealt with it."),
        CREATED_AT,
        check(
            "kind",
            "kind IN ('hard', 'soft', 'complaint', 'auto_reply', 'unknown')",
            "Kind is hard, soft, complaint, auto_reply, unknown; not {kind}.",
        ),
        check(
            "recipient",
            "recipient <> '' AND recipient = btrim(recipient)",
            "The recipient may not be empty or have blanks around it.",
        ),
        references("processed_by_id", "users (id)", "ON DELETE SET NULL"),
        index("processed_by_id"),
        index("recipient, at"),
    )
