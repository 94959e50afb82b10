# SPDX-License-Identifier: Apache-2.0
"""Somebody is left who may do everything, whatever way users and user roles are changed."""

from alembic import op

revision = "poser_0028"
down_revision = "poser_0027"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

TABLES = ("users", "user_roles", "user_user_role")
_NAME = "stay_with_administrator"
# At commit, when cascades are done; one after the other, or two could leave together.
_FUNCTION = """
CREATE FUNCTION stay_with_administrator() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    kinds text[] := '{}';
BEGIN
    IF TG_TABLE_NAME = 'users' THEN
        IF OLD.is_active AND (TG_OP = 'DELETE' OR NOT NEW.is_active) THEN
            kinds := ARRAY(SELECT r.node_kind FROM user_user_role AS l
                JOIN user_roles AS r ON r.id = l.user_role_id
                WHERE l.user_id = OLD.id AND r.is_administrator);
        END IF;
    ELSIF TG_TABLE_NAME = 'user_roles' THEN
        IF OLD.is_administrator AND (TG_OP = 'DELETE' OR NOT NEW.is_administrator
            OR NEW.node_kind <> OLD.node_kind) THEN
            kinds := ARRAY[OLD.node_kind];
        END IF;
    ELSIF NOT EXISTS (SELECT FROM users WHERE id = OLD.user_id AND NOT is_active) THEN
        kinds := ARRAY(SELECT node_kind FROM user_roles
            WHERE id = OLD.user_role_id AND is_administrator);
    END IF;
    IF kinds = '{}' THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('stay_with_administrator', 0));
    IF EXISTS (SELECT FROM unnest(kinds) AS had (kind) WHERE NOT EXISTS (
        SELECT FROM users AS u JOIN user_user_role AS l ON l.user_id = u.id
        JOIN user_roles AS r ON r.id = l.user_role_id
        WHERE u.is_active AND r.is_administrator AND r.node_kind IN ('', had.kind)
    )) THEN
        RAISE EXCEPTION 'nobody would be left who may do everything'
            USING ERRCODE = 'integrity_constraint_violation',
            HINT = 'give an administrators'' user role to somebody else first';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Watch the tables."""
    op.execute(_FUNCTION)
    op.execute(
        f"COMMENT ON FUNCTION {_NAME}() IS"
        " 'Refuses, at commit, what would leave no active user who may do everything.'"
    )
    for table in TABLES:
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {_NAME} AFTER UPDATE OR DELETE ON {table}"
            f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {_NAME}()"
        )


def downgrade() -> None:
    """Watch none of them."""
    for table in TABLES:
        op.execute(f"DROP TRIGGER {_NAME} ON {table}")
    op.execute(f"DROP FUNCTION {_NAME}()")
