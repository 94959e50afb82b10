# SPDX-License-Identifier: Apache-2.0
"""Settings that are kept in the database."""

from alembic import op

from migrations import tables
from migrations.recording import record, unrecord
from migrations.tables import CREATED_AT, KEY, MODIFIED_AT, Rule, check, column, index, references

revision = "poser_0004"
down_revision = "poser_0003"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

# One announcement for a statement, however many rows; the channel is poser.settings.live's.
# PostgreSQL sends it at the commit, and never for a transaction that is rolled back.
ANNOUNCE = """
CREATE FUNCTION announce_settings() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_notify('poser_settings', '');
    RETURN NULL;
END $$
"""
COMMENT = "COMMENT ON FUNCTION announce_settings() IS 'Tells all processes that settings changed.'"
TRIGGER = """
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE ON settings
    FOR EACH STATEMENT EXECUTE FUNCTION announce_settings()
"""


def upgrade() -> None:
    """Create the table, and what announces its changes."""
    tables.create_table(
        "settings",
        "Settings that apply at once, without a change of files.",
        KEY,
        column("name", "text NOT NULL", "Section and option, such as web.workers."),
        column(
            "user_role_id", "uuid", "Holds for users with this user role; empty: for everybody."
        ),
        column("value", "text NOT NULL", "The value as text, as a settings file has it."),
        column("expires_at", "timestamptz", "Holds until then (UTC); empty: for good."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "name",
            r"name ~ '^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$'",
            "A setting is named section.option in lower case, not {name}.",
        ),
        Rule(
            "uq",
            "name_user_role_id",
            "UNIQUE NULLS NOT DISTINCT (name, user_role_id) DEFERRABLE INITIALLY IMMEDIATE",
        ),
        references("user_role_id", "user_roles (id)", "ON DELETE CASCADE"),
        index("user_role_id"),
    )
    op.execute(ANNOUNCE)
    op.execute(COMMENT)
    op.execute(TRIGGER)
    record("settings")


def downgrade() -> None:
    """Drop them with everything in them."""
    unrecord("settings")
    tables.drop_tables("settings")
    op.execute("DROP FUNCTION announce_settings()")
