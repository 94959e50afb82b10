# SPDX-License-Identifier: Apache-2.0
"""People, who of them are users, and tokens for programs."""

from migrations.recording import record, unrecord
from migrations.tables import (
    CREATED_AT,
    KEY,
    MODIFIED_AT,
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

revision = "poser_0005"
down_revision = "poser_0004"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

RECORDED = ("people", "person_merges")


def upgrade() -> None:
    """Create the tables."""
    _create_people()
    _create_person_merges()
    _create_user_api_tokens()
    _extend_users()
    _extend_user_roles()
    for table in RECORDED:
        record(table)
    record("user_api_tokens", without=("used_at",), secret=("token_sha256",))
    record("users", without=("last_sign_in_at",), secret=("password_hash",))


def downgrade() -> None:
    """Drop them with everything in them."""
    unrecord("user_api_tokens")
    for table in reversed(RECORDED):
        unrecord(table)
    drop_columns("user_roles", "is_synced", "syncs_users", "node_kind")
    drop_columns("users", "person_id", "is_local")
    drop_tables("user_api_tokens", "person_merges", "people")


def _create_people() -> None:
    create_table(
        "people",
        "People, each once: customers, members, employees, contacts, users.",
        KEY,
        column("display_name", "text NOT NULL", "The name that others see, such as Ada Berg."),
        column("given_name", "text DEFAULT '' NOT NULL", "First or given name; may be empty."),
        column(
            "preferred_name",
            "text DEFAULT '' NOT NULL",
            "What they like to be called; may be empty.",
        ),
        column("middle_name", "text DEFAULT '' NOT NULL", "Middle names; may be empty."),
        column("family_name", "text DEFAULT '' NOT NULL", "Last or family name; may be empty."),
        column(
            "language",
            "text DEFAULT '' NOT NULL",
            "Language to write in (BCP 47), such as en or es-MX.",
        ),
        column(
            "is_local", "boolean DEFAULT false NOT NULL", "Stays on this node: sync leaves it out."
        ),
        column(
            "is_archived",
            "boolean DEFAULT false NOT NULL",
            "No longer dealt with; kept for what was.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "display_name",
            "display_name <> '' AND display_name = btrim(display_name)",
            "The display name may not be empty or have blanks around it.",
        ),
        index("display_name, id"),
        index("lower(family_name)", name="family_name"),
    )


def _create_person_merges() -> None:
    create_table(
        "person_merges",
        "Requests to merge two rows that are one person.",
        KEY,
        column(
            "removed_id",
            "uuid NOT NULL",
            "The person that goes; no reference, because the row is gone after it.",
        ),
        column("kept_id", "uuid NOT NULL", "The person that stays."),
        column("status", "text DEFAULT 'asked' NOT NULL", "asked, merged or refused."),
        column("asked_by_id", "uuid", "Who asked for it."),
        column("merged_by_id", "uuid", "Who did it."),
        column("merged_at", "timestamptz", "When it was done (UTC)."),
        CREATED_AT,
        check(
            "merged_at",
            "(status = 'merged') = (merged_at IS NOT NULL)",
            "A request that was merged says when, and no other does.",
        ),
        check("removed_id", "removed_id <> kept_id", "A person cannot be merged with themselves."),
        check(
            "status",
            "status IN ('asked', 'merged', 'refused')",
            "Status is asked, merged, refused; not {status}.",
        ),
        references("asked_by_id", "users (id)", "ON DELETE SET NULL"),
        references("kept_id", "people (id)", "ON DELETE CASCADE"),
        references("merged_by_id", "users (id)", "ON DELETE SET NULL"),
        index("asked_by_id"),
        index("kept_id"),
        index("merged_by_id"),
        index("removed_id"),
    )


def _create_user_api_tokens() -> None:
    create_table(
        "user_api_tokens",
        "Tokens by which programs act for users.",
        KEY,
        column("user_id", "uuid NOT NULL", "Whom it acts for."),
        column("description", "text NOT NULL", "What program has it."),
        column("token_sha256", "bytea NOT NULL", "SHA-256 of the token, 32 bytes."),
        column("expires_at", "timestamptz", "When it ends (UTC)."),
        column("used_at", "timestamptz", "When it was last used (UTC), to within a minute."),
        CREATED_AT,
        check(
            "description",
            "description <> '' AND description = btrim(description)",
            "The description may not be empty or have blanks around it.",
        ),
        check("expires_at", "expires_at > created_at", "A token ends after it began."),
        check("token_sha256", "octet_length(token_sha256) = 32", "A SHA-256 has 32 bytes."),
        unique("token_sha256", deferrable=False),
        references("user_id", "users (id)", "ON DELETE CASCADE"),
        index("user_id"),
    )


def _extend_users() -> None:
    extend_table(
        "users",
        column("person_id", "uuid", "The person who signs in."),
        column(
            "is_local",
            "boolean DEFAULT false NOT NULL",
            "Stays on this node: sync leaves the user out.",
        ),
        references("person_id", "people (id)", "ON DELETE SET NULL"),
        index("person_id"),
    )


def _extend_user_roles() -> None:
    extend_table(
        "user_roles",
        column(
            "is_synced",
            "boolean DEFAULT false NOT NULL",
            "Other nodes get the user role and its permissions too.",
        ),
        column("syncs_users", "boolean DEFAULT false NOT NULL", "Other nodes also get who has it."),
        column(
            "node_kind",
            "text DEFAULT '' NOT NULL",
            "Role of the nodes that it holds on, such as store; empty means all.",
        ),
    )
