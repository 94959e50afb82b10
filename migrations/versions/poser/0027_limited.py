# SPDX-License-Identifier: Apache-2.0
"""Tables that give rights are not written by work of somebody without every right."""

from alembic import op

revision = "poser_0027"
down_revision = "poser_0026"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

TABLES = (
    "email_settings",
    "settings",
    "user_api_tokens",
    "user_passkeys",
    "user_recovery_codes",
    "user_role_permissions",
    "user_roles",
    "user_stores",
    "user_totps",
    "user_user_role",
    "users",
)
_FUNCTION = """
CREATE FUNCTION stay_without_rights() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF current_setting('poser.is_limited', true) = 'yes' THEN
        RAISE EXCEPTION USING ERRCODE = 'PR001', TABLE = TG_TABLE_NAME,
            MESSAGE = format('only somebody with every right may change %s by an import or a batch',
                replace(TG_TABLE_NAME, '_', ' '));
    END IF;
    RETURN NULL;
END $$
"""
_COMMENT = """
COMMENT ON FUNCTION stay_without_rights() IS
    'Refuses to write a table that gives rights in work that somebody without every right started.'
"""


def upgrade() -> None:
    """Watch each of the tables."""
    op.execute(_FUNCTION)
    op.execute(_COMMENT)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER stay_without_rights BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE"
            f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION stay_without_rights()"
        )


def downgrade() -> None:
    """Watch none of them."""
    for table in TABLES:
        op.execute(f"DROP TRIGGER stay_without_rights ON {table}")
    op.execute("DROP FUNCTION stay_without_rights()")
