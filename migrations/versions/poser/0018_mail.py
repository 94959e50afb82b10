# SPDX-License-Identifier: Apache-2.0
"""The outbox of mail, what was sent of it, and what people set for each type."""

from migrations.recording import record, unrecord
from migrations.tables import (
    CREATED_AT,
    KEY,
    Column,
    check,
    column,
    create_table,
    drop_columns,
    drop_tables,
    extend_table,
    index,
    references,
    unique,
)

revision = "poser_0018"
down_revision = "poser_0017"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

_TYPE = column("key", "text NOT NULL", "Which type of email, such as import_changes.")
_KEY_IS_FILLED = check(
    "key",
    "key <> '' AND key = btrim(key)",
    "The key may not be empty or have blanks around it.",
)


def upgrade() -> None:
    """Create the tables."""
    _create_emails()
    _create_email_settings()
    extend_table(
        "email_attempts",
        column("email_id", "uuid", "The mail; its message is kept there."),
        references("email_id", "emails (id)", "ON DELETE CASCADE"),
        index("email_id"),
    )
    record("email_settings")


def downgrade() -> None:
    """Drop them with everything in them."""
    unrecord("email_settings")
    drop_columns("email_attempts", "email_id")
    drop_tables("email_settings", "emails")


def _create_emails() -> None:
    create_table(
        "emails",
        "Mail of this node: the outbox, and what became of it.",
        KEY,
        _TYPE,
        column(
            "about",
            "text DEFAULT '' NOT NULL",
            "What it is about: mails about the same may go as one.",
        ),
        column("data", "jsonb NOT NULL", "Values for its template."),
        column(
            "recipients",
            "text[]",
            "Who gets it: addresses, user:NAME, role:NAME; empty: as its type says.",
        ),
        column("times", "integer DEFAULT 1 NOT NULL", "How many of the same it stands for."),
        *_fate(),
        _KEY_IS_FILLED,
        check("times", "times >= 1", "A mail stands for itself at least."),
        check("tries", "tries >= 0", "Nothing is tried less often than never."),
        check(
            "status",
            "status IN ('waiting', 'sent', 'joined', 'not_sent', 'failed')",
            "Status is waiting, sent, joined, not_sent, failed; not {status}.",
        ),
        check(
            "sent_with_id",
            "(sent_with_id IS NOT NULL) = (status = 'joined')",
            "A mail that went with another one says with which.",
        ),
        check(
            "finished_at",
            "(finished_at IS NULL) = (status = 'waiting')",
            "A mail has an end when it waits no more.",
        ),
        references("sent_with_id", "emails (id)", "ON DELETE CASCADE"),
        index("sent_with_id"),
        index("key, finished_at"),
        index("queued_at"),
        index("due_at", name="waiting", where="status = 'waiting'"),
    )


def _fate() -> tuple[Column, ...]:
    return (
        column(
            "queued_at",
            "timestamptz DEFAULT now() NOT NULL",
            "When it was written to the outbox (UTC).",
        ),
        column(
            "status",
            "text DEFAULT 'waiting' NOT NULL",
            "waiting, sent, joined (went with another), not_sent (switched off) or failed.",
        ),
        column("due_at", "timestamptz DEFAULT now() NOT NULL", "Not to be tried before (UTC)."),
        column("tries", "integer DEFAULT 0 NOT NULL", "How often it was tried."),
        column("status_text", "text DEFAULT '' NOT NULL", "Why it waits or did not go."),
        column(
            "sender", "text DEFAULT '' NOT NULL", "Address it is from; empty before the first try."
        ),
        column("subject", "text DEFAULT '' NOT NULL", "Its subject; empty before the first try."),
        column(
            "still_to",
            "text[]",
            "Addresses that it still has to go to; empty before the first try.",
        ),
        column(
            "message",
            "bytea",
            "The whole mail as it was first tried; each try sends the same.",
        ),
        column("finished_at", "timestamptz", "When it was sent or given up (UTC)."),
        column("sent_with_id", "uuid", "The mail that it went with."),
    )


def _create_email_settings() -> None:
    create_table(
        "email_settings",
        "What people set for types of email.",
        KEY,
        _TYPE,
        column("is_enabled", "boolean", "Is sent at all."),
        column("is_hidden", "boolean", "Is left out of lists of types."),
        column("sender", "text", "Address it is from."),
        column("reply_to", "text", "Address that answers go to."),
        column("recipients", "text[]", "Who gets it."),
        column("cc", "text[]", "Who gets a copy."),
        column("bcc", "text[]", "Who gets a copy without others seeing it."),
        column("subject", "text", "Its subject, with names of values in braces."),
        CREATED_AT,
        _KEY_IS_FILLED,
        unique("key"),
    )
