# SPDX-License-Identifier: Apache-2.0
"""Ids, users and what they may do."""

from alembic import op

from migrations.ids import create_uuid7, drop_uuid7
from migrations.privileges import grant_to_application, revoke_from_application
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

revision = "poser_0001"
down_revision = None
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

# The same on every node, so that nodes that exchange their users agree on it.
ADMINISTRATORS = """
INSERT INTO user_roles (id, name, description, is_administrator) VALUES (
    '00000000-0000-7000-8000-000000000001', 'Administrators', 'May do everything.', true)
"""


def upgrade() -> None:
    """Create the tables."""
    grant_to_application()
    create_uuid7()
    _create_user_roles()
    _create_users()
    _create_user_user_role()
    _create_user_role_permissions()
    _create_user_sessions()
    _create_sign_in_events()
    op.execute(ADMINISTRATORS)


def downgrade() -> None:
    """Drop them with everything in them."""
    drop_tables(
        "sign_in_events",
        "user_sessions",
        "user_role_permissions",
        "user_user_role",
        "users",
        "user_roles",
    )
    drop_uuid7()
    revoke_from_application()


def _create_user_roles() -> None:
    create_table(
        "user_roles",
        "Named sets of permissions.",
        KEY,
        column("name", "text NOT NULL", "What people call the user role."),
        column("description", "text DEFAULT '' NOT NULL", "What it is for."),
        column(
            "is_administrator",
            "boolean DEFAULT false NOT NULL",
            "Has every permission there is, now and later.",
        ),
        CREATED_AT,
        check(
            "name",
            "name <> '' AND name = btrim(name)",
            "The name may not be empty or have blanks around it.",
        ),
        unique("name"),
    )


def _create_users() -> None:
    create_table(
        "users",
        "People who may sign in.",
        KEY,
        column("name", "text NOT NULL", "Name typed to sign in; lower case."),
        column("full_name", "text DEFAULT '' NOT NULL", "Name shown to others; may be empty."),
        column(
            "password_hash",
            "text",
            "Argon2id hash with its parameters and salt; empty means cannot sign in.",
        ),
        column("is_active", "boolean DEFAULT true NOT NULL", "May sign in now."),
        CREATED_AT,
        column("last_sign_in_at", "timestamptz", "When this user last signed in (UTC)."),
        check(
            "name",
            "name = lower(name) AND name = btrim(name) AND name <> ''",
            "A user's name is in lower case, without blanks around it; not {name}.",
        ),
        unique("name"),
    )


def _create_user_user_role() -> None:
    create_table(
        "user_user_role",
        "Which users have which user roles.",
        KEY,
        column("user_id", "uuid NOT NULL", "Who has the user role."),
        column("user_role_id", "uuid NOT NULL", "The user role that is had."),
        unique("user_id, user_role_id"),
        references("user_id", "users (id)", "ON DELETE CASCADE"),
        references("user_role_id", "user_roles (id)", "ON DELETE CASCADE"),
        index("user_role_id"),
    )


def _create_user_role_permissions() -> None:
    create_table(
        "user_role_permissions",
        "What each user role may do.",
        KEY,
        column("user_role_id", "uuid NOT NULL", "The user role that may."),
        column("permission", "text NOT NULL", "Subject and verb, such as products.view."),
        check(
            "permission",
            r"permission ~ '^[a-z][a-z_]*\.[a-z][a-z_]*$'",
            "A permission is a subject and a verb, such as products.view; not {permission}.",
        ),
        unique("user_role_id, permission"),
        references("user_role_id", "user_roles (id)", "ON DELETE CASCADE"),
    )


def _create_user_sessions() -> None:
    create_table(
        "user_sessions",
        "Browsers that are signed in.",
        KEY,
        column("token_sha256", "bytea NOT NULL", "SHA-256 of the token in the browser's cookie."),
        column("user_id", "uuid NOT NULL", "Who is signed in."),
        CREATED_AT,
        column(
            "seen_at",
            "timestamptz NOT NULL",
            "When the session was last used (UTC), to within a minute.",
        ),
        column(
            "expires_at",
            "timestamptz NOT NULL",
            "When the session ends however much it is used (UTC).",
        ),
        column("address", "inet", "Where it was opened from."),
        column(
            "user_agent", "text DEFAULT '' NOT NULL", "What the browser calls itself; cut at 400."
        ),
        check("expires_at", "expires_at > created_at", "A session ends after it began."),
        check("token_sha256", "octet_length(token_sha256) = 32", "A token's SHA-256 has 32 bytes."),
        unique("token_sha256", deferrable=False),
        references("user_id", "users (id)", "ON DELETE CASCADE"),
        index("expires_at"),
        index("user_id"),
    )


def _create_sign_in_events() -> None:
    create_table(
        "sign_in_events",
        "Who came to the door, and what happened.",
        KEY,
        column("user_id", "uuid", "The user, if the name is one's."),
        column("name", "text NOT NULL", "The name as typed, lower case, cut at 100."),
        column("kind", "text NOT NULL", "What happened; see SignInKind."),
        column("address", "inet", "Where it came from."),
        column("at", "timestamptz NOT NULL", "When it happened (UTC)."),
        check(
            "kind",
            "kind IN ('signed_in', 'signed_out', 'wrong_password', 'unknown_user',"
            " 'inactive_user', 'throttled')",
            "Kind is signed_in, signed_out, wrong_password, unknown_user, inactive_user,"
            " throttled; not {kind}.",
        ),
        references("user_id", "users (id)", "ON DELETE SET NULL"),
        index("address, at"),
        index("name, at"),
        index("user_id"),
    )
