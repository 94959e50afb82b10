# SPDX-License-Identifier: Apache-2.0
"""Ids, users and what they may do."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.privileges import grant_to_application, revoke_from_application

revision = "poser_0001"
down_revision = None
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

# The same layout as poser.ids.uuid7: 48 bits of milliseconds, the version, 12 bits of the
# fraction of the millisecond, the variant, 62 random bits (taken from a version 4 UUID).
UUID7 = """
CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        overlay(
            uuid_send(gen_random_uuid())
            PLACING int8send(
                ((us / 1000) << 16) | (7 << 12) | ((us % 1000) * 4096 / 1000)
            )
            FROM 1 FOR 8
        ),
        'hex')::uuid
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us) AS now
$$
"""
COMMENT = "COMMENT ON FUNCTION uuid7() IS 'Makes a UUID version 7 (RFC 9562), in order of time.'"

# The same on every node, so that nodes that exchange their users agree on it.
ADMINISTRATORS = """
INSERT INTO user_roles (id, name, description, is_administrator) VALUES (
    '00000000-0000-7000-8000-000000000001', 'Administrators', 'May do everything.', true)
"""


def upgrade() -> None:
    """Create the tables."""
    grant_to_application()
    op.execute(UUID7)
    op.execute(COMMENT)
    _create_user_roles()
    _create_users()
    _create_user_user_role()
    _create_user_role_permissions()
    _create_user_sessions()
    _create_sign_in_events()
    op.execute(ADMINISTRATORS)


def downgrade() -> None:
    """Drop them with everything in them."""
    op.drop_table("sign_in_events")
    op.drop_table("user_sessions")
    op.drop_table("user_role_permissions")
    op.drop_table("user_user_role")
    op.drop_table("users")
    op.drop_table("user_roles")
    op.execute("DROP FUNCTION uuid7()")
    revoke_from_application()


def _create_user_roles() -> None:
    op.create_table(
        "user_roles",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("uuid7()"),
            nullable=False,
            comment="Unique id, a UUID version 7: ascends with the time of creation.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="What people call the user role."),
        sa.Column(
            "description", sa.Text(), server_default="", nullable=False, comment="What it is for."
        ),
        sa.Column(
            "is_administrator",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Has every permission there is, now and later.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was first written (UTC).",
        ),
        sa.CheckConstraint("name <> '' AND name = btrim(name)", name=op.f("ck_user_roles_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_roles")),
        sa.UniqueConstraint(
            "name", deferrable=True, initially="IMMEDIATE", name=op.f("uq_user_roles_name")
        ),
        comment="Named sets of permissions.",
    )


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("uuid7()"),
            nullable=False,
            comment="Unique id, a UUID version 7: ascends with the time of creation.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Name typed to sign in; lower case."),
        sa.Column(
            "full_name",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Name shown to others; may be empty.",
        ),
        sa.Column(
            "password_hash",
            sa.Text(),
            nullable=True,
            comment="Argon2id hash with its parameters and salt; empty means cannot sign in.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="May sign in now.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was first written (UTC).",
        ),
        sa.Column(
            "last_sign_in_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When this user last signed in (UTC).",
        ),
        sa.CheckConstraint(
            "name = lower(name) AND name = btrim(name) AND name <> ''", name=op.f("ck_users_name")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint(
            "name", deferrable=True, initially="IMMEDIATE", name=op.f("uq_users_name")
        ),
        comment="People who may sign in.",
    )


def _create_user_user_role() -> None:
    op.create_table(
        "user_user_role",
        sa.Column("user_id", sa.Uuid(), nullable=False, comment="Who has the user role."),
        sa.Column("user_role_id", sa.Uuid(), nullable=False, comment="The user role that is had."),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_user_user_role_user_id"),
            ondelete="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_role_id"],
            ["user_roles.id"],
            name=op.f("fk_user_user_role_user_role_id"),
            ondelete="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("user_id", "user_role_id", name=op.f("pk_user_user_role")),
        comment="Which users have which user roles.",
    )
    op.create_index(
        op.f("ix_user_user_role_user_role_id"), "user_user_role", ["user_role_id"], unique=False
    )


def _create_user_role_permissions() -> None:
    op.create_table(
        "user_role_permissions",
        sa.Column("user_role_id", sa.Uuid(), nullable=False, comment="The user role that may."),
        sa.Column(
            "permission",
            sa.Text(),
            nullable=False,
            comment="Subject and verb, such as products.view.",
        ),
        sa.CheckConstraint(
            "permission ~ '^[a-z][a-z_]*\\.[a-z][a-z_]*$'",
            name=op.f("ck_user_role_permissions_permission"),
        ),
        sa.ForeignKeyConstraint(
            ["user_role_id"],
            ["user_roles.id"],
            name=op.f("fk_user_role_permissions_user_role_id"),
            ondelete="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint(
            "user_role_id", "permission", name=op.f("pk_user_role_permissions")
        ),
        comment="What each user role may do.",
    )


def _create_user_sessions() -> None:
    op.create_table(
        "user_sessions",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("uuid7()"),
            nullable=False,
            comment="Unique id, a UUID version 7: ascends with the time of creation.",
        ),
        sa.Column(
            "token_sha256",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the token in the browser's cookie.",
        ),
        sa.Column("user_id", sa.Uuid(), nullable=False, comment="Who is signed in."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this row was first written (UTC).",
        ),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the session was last used (UTC), to within a minute.",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the session ends however much it is used (UTC).",
        ),
        sa.Column("address", postgresql.INET(), nullable=True, comment="Where it was opened from."),
        sa.Column(
            "user_agent",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="What the browser calls itself; cut at 400.",
        ),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_user_sessions_expires_at")),
        sa.CheckConstraint(
            "octet_length(token_sha256) = 32", name=op.f("ck_user_sessions_token_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_user_sessions_user_id"),
            ondelete="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_user_sessions_token_sha256")),
        comment="Browsers that are signed in.",
    )
    op.create_index(
        op.f("ix_user_sessions_expires_at"), "user_sessions", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_user_sessions_user_id"), "user_sessions", ["user_id"], unique=False)


def _create_sign_in_events() -> None:
    op.create_table(
        "sign_in_events",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("uuid7()"),
            nullable=False,
            comment="Unique id, a UUID version 7: ascends with the time of creation.",
        ),
        sa.Column("user_id", sa.Uuid(), nullable=True, comment="The user, if the name is one's."),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="The name as typed, lower case, cut at 100."
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="What happened; see SignInKind."),
        sa.Column("address", postgresql.INET(), nullable=True, comment="Where it came from."),
        sa.Column(
            "at", sa.DateTime(timezone=True), nullable=False, comment="When it happened (UTC)."
        ),
        sa.CheckConstraint(
            "kind IN ('signed_in', 'signed_out', 'wrong_password', 'unknown_user',"
            " 'inactive_user', 'throttled')",
            name=op.f("ck_sign_in_events_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_sign_in_events_user_id"),
            ondelete="SET NULL",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_events")),
        comment="Who came to the door, and what happened.",
    )
    op.create_index(
        "ix_sign_in_events_address_at", "sign_in_events", ["address", "at"], unique=False
    )
    op.create_index("ix_sign_in_events_name_at", "sign_in_events", ["name", "at"], unique=False)
    op.create_index(op.f("ix_sign_in_events_user_id"), "sign_in_events", ["user_id"], unique=False)
