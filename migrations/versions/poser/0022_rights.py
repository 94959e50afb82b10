# SPDX-License-Identifier: Apache-2.0
"""Second factors, root, store limits of users, and tokens with scopes."""

from alembic import op

from migrations.recording import record, unrecord
from migrations.tables import (
    CREATED_AT,
    KEY,
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

revision = "poser_0022"
down_revision = "poser_0021"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

_OLD_KINDS = (
    "signed_in", "signed_out", "wrong_password", "unknown_user", "inactive_user", "throttled",
)  # fmt: skip
_KINDS = (
    *_OLD_KINDS,
    "wrong_code", "became_root", "left_root", "root_refused", "password_changed", "factor_added",
    "factor_removed", "session_ended", "token_added", "token_removed",
)  # fmt: skip

# The same on every node, as that of Administrators. Somebody may have used their names.
_MAKE_ROOM = """
UPDATE user_roles SET name = name || ' (of this node)' WHERE name IN ('Signed in', 'Anyone')
"""
_BUILT_IN = """
INSERT INTO user_roles (id, name, description, holds_for) VALUES
    ('00000000-0000-7000-8000-000000000002', 'Signed in',
     'What everybody may do who is signed in.', 'signed_in'),
    ('00000000-0000-7000-8000-000000000003', 'Anyone',
     'What everybody may do, signed in or not.', 'anyone')
"""


def upgrade() -> None:
    """Make them."""
    _extend_user_roles()
    _limit_to_stores()
    _extend_sessions()
    _extend_events()
    _create_totps()
    _create_passkeys()
    _create_recovery_codes()
    extend_table(
        "user_api_tokens",
        column(
            "scopes",
            "text DEFAULT '' NOT NULL",
            "Permissions it has of those of its user, separated by blanks; * for all of them.",
        ),
        check(
            "scopes",
            r"scopes ~ '^(|\*|[a-z][a-z_]*\.[a-z][a-z_]*( [a-z][a-z_]*\.[a-z][a-z_]*)*)$'",
            "What a token may do is a list of permissions, or * for all of its user.",
        ),
    )
    record("user_stores")
    record("user_totps", secret=("secret",), without=("last_step",))
    record("user_passkeys", without=("sign_count", "used_at"))
    record("user_recovery_codes", secret=("code_sha256",))


def downgrade() -> None:
    """Take them away."""
    gone = ("user_recovery_codes", "user_passkeys", "user_totps", "user_stores")
    for table in gone:
        unrecord(table)
    drop_columns("user_api_tokens", "scopes")
    drop_tables(*gone)
    op.execute(f"DELETE FROM sign_in_events WHERE kind NOT IN ({_listed(_OLD_KINDS)})")  # noqa: S608
    op.execute("DELETE FROM user_sessions WHERE is_pending")
    _set_kinds(_OLD_KINDS)
    drop_columns("sign_in_events", "note")
    drop_columns("user_sessions", "is_pending", "root_until", "root_since", "root_reason")
    drop_columns("users", "is_limited_to_stores")
    op.execute("DELETE FROM user_roles WHERE holds_for <> 'members'")
    # The rule over both columns goes with one of them.
    drop_columns("user_roles", "holds_for", "session_minutes")


def _extend_user_roles() -> None:
    op.execute(_MAKE_ROOM)
    extend_table(
        "user_roles",
        column(
            "holds_for",
            "text DEFAULT 'members' NOT NULL",
            "members, or without being given: signed_in or anyone.",
        ),
        column(
            "session_minutes",
            "integer",
            "Sessions of who has it end after so many unused minutes; empty: twelve hours.",
        ),
        check(
            "holds_for",
            "holds_for IN ('members', 'signed_in', 'anyone')",
            "Who has a user role is members, signed_in, anyone; not {holds_for}.",
        ),
        check(
            "is_administrator",
            "NOT is_administrator OR holds_for = 'members'",
            "Every permission is given by name only, not to all who are signed in.",
        ),
        check(
            "session_minutes",
            "session_minutes BETWEEN 1 AND 10080",
            "A session ends after 1 to 10080 unused minutes (a week), not {session_minutes}.",
        ),
    )
    op.execute(
        "CREATE UNIQUE INDEX ix_user_roles_holds_for ON user_roles (holds_for)"
        " WHERE holds_for <> 'members'"
    )
    op.execute(_BUILT_IN)


def _limit_to_stores() -> None:
    extend_table(
        "users",
        column(
            "is_limited_to_stores",
            "boolean DEFAULT false NOT NULL",
            "Sees rows of the stores given to the user only, and of no store if none is given.",
        ),
    )
    create_table(
        "user_stores",
        "Stores of the users who are limited to some.",
        KEY,
        column("user_id", "uuid NOT NULL", "Who is limited."),
        column("store_id", "uuid NOT NULL", "The store they see."),
        unique("user_id, store_id"),
        references("user_id", "users (id)", "ON DELETE CASCADE"),
        references("store_id", "stores (id)", "ON DELETE CASCADE"),
        index("store_id"),
    )


def _extend_sessions() -> None:
    extend_table(
        "user_sessions",
        column(
            "is_pending",
            "boolean DEFAULT false NOT NULL",
            "The password was right; a code is still to come.",
        ),
        column("root_until", "timestamptz", "Has every permission until then (UTC)."),
        column("root_since", "timestamptz", "When that began (UTC)."),
        column("root_reason", "text DEFAULT '' NOT NULL", "Why, in the user's words."),
    )


def _extend_events() -> None:
    extend_table(
        "sign_in_events",
        column(
            "note",
            "text DEFAULT '' NOT NULL",
            "More about it, such as the reason to become root.",
        ),
    )
    _set_kinds(_KINDS)


def _set_kinds(kinds: tuple[str, ...]) -> None:
    op.execute("ALTER TABLE sign_in_events DROP CONSTRAINT ck_sign_in_events_kind")
    extend_table(
        "sign_in_events",
        check(
            "kind",
            f"kind IN ({_listed(kinds)})",
            f"Kind is {', '.join(kinds)}; not {{kind}}.",
        ),
    )


def _listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


def _create_totps() -> None:
    create_table(
        "user_totps",
        "Secrets by which phones make sign-in codes.",
        KEY,
        column("user_id", "uuid NOT NULL", "Whose codes they are."),
        column("secret", "text NOT NULL", "Shared secret in base32 (RFC 6238)."),
        column(
            "confirmed_at",
            "timestamptz",
            "When the first code was right (UTC); empty: not asked for yet.",
        ),
        column(
            "last_step",
            "bigint DEFAULT 0 NOT NULL",
            "Number of the 30 seconds of the last code: none is taken twice.",
        ),
        CREATED_AT,
        unique("user_id", deferrable=False),
        references("user_id", "users (id)", "ON DELETE CASCADE"),
    )


def _create_passkeys() -> None:
    create_table(
        "user_passkeys",
        "Keys that users' devices hold.",
        KEY,
        column("user_id", "uuid NOT NULL", "Who has the device."),
        column("name", "text NOT NULL", "What the user calls the device."),
        column("credential_id", "bytea NOT NULL", "By which the device finds the key."),
        column("public_key", "bytea NOT NULL", "The public half of the key, as COSE writes it."),
        column(
            "sign_count",
            "bigint DEFAULT 0 NOT NULL",
            "How often the device says it has used the key; 0: it does not count.",
        ),
        column(
            "transports", "text DEFAULT '' NOT NULL", "How the device is reached, such as usb nfc."
        ),
        column("used_at", "timestamptz", "When it was last used (UTC)."),
        CREATED_AT,
        check(
            "name",
            "name <> '' AND name = btrim(name)",
            "The name may not be empty or have blanks around it.",
        ),
        unique("credential_id", deferrable=False),
        references("user_id", "users (id)", "ON DELETE CASCADE"),
        index("user_id"),
    )


def _create_recovery_codes() -> None:
    create_table(
        "user_recovery_codes",
        "Codes on paper that let users in once.",
        KEY,
        column("user_id", "uuid NOT NULL", "Whom it lets in."),
        column(
            "code_sha256",
            "bytea NOT NULL",
            "SHA-256 of the code, 32 bytes: the code is long and random.",
        ),
        column("used_at", "timestamptz", "When it let somebody in (UTC); empty: still good."),
        CREATED_AT,
        check("code_sha256", "octet_length(code_sha256) = 32", "A SHA-256 has 32 bytes."),
        unique("user_id, code_sha256", deferrable=False),
        references("user_id", "users (id)", "ON DELETE CASCADE"),
    )
