# SPDX-License-Identifier: Apache-2.0
"""Who may do what in a database: its owner everything, the application only its work.

Revisions run as the owner of the database (`poser_owner` on a node). The application
connects as `poser`, which may read and write rows, and change nothing about the tables
themselves. See docs/decisions/0010-two-database-roles.md.
"""

from alembic import op

# Only an owner may do this, and an importer knows best when it is needed.
_ANALYZE = """
CREATE FUNCTION analyze_table(which regclass) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    one regclass;
BEGIN
    EXECUTE format('ANALYZE %s', which);
    FOR one IN SELECT indexrelid FROM pg_index JOIN pg_class c ON c.oid = indexrelid
        JOIN pg_am a ON a.oid = c.relam WHERE indrelid = which AND amname = 'gin'
    LOOP
        PERFORM gin_clean_pending_list(one);
    END LOOP;
END $$
"""

APPLICATION = "poser"
"""The role of the database server that every program of a node connects as."""


def grant_to_application() -> None:
    """Let the application work with every table that is made from now on.

    Does nothing where the application owns the database, as with a developer's own.
    """
    op.execute(f"""
        DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APPLICATION}') THEN
            RAISE EXCEPTION 'the database server has no role "{APPLICATION}": create it first';
        END IF;
        IF current_user <> '{APPLICATION}' THEN
            GRANT SELECT ON alembic_version TO {APPLICATION};
            ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES
                TO {APPLICATION};
            ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {APPLICATION};
        END IF;
        END $$""")
    op.execute(_ANALYZE)
    op.execute(
        "COMMENT ON FUNCTION analyze_table IS 'Makes a table quick to search after a big load.'"
    )


def revoke_from_application() -> None:
    """Undo `grant_to_application`."""
    op.execute("DROP FUNCTION analyze_table(regclass)")
    op.execute(f"""
        DO $$ BEGIN
        IF current_user <> '{APPLICATION}' THEN
            ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM {APPLICATION};
            ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM {APPLICATION};
            REVOKE ALL ON alembic_version FROM {APPLICATION};
        END IF;
        END $$""")


def only_to_be_read(table: str) -> str:
    """Return the SQL that takes the right to write to a table from the application."""
    return f"""
        DO $$ BEGIN
        IF current_user <> '{APPLICATION}' THEN
            REVOKE INSERT, UPDATE, DELETE ON "{table}" FROM {APPLICATION};
        END IF;
        END $$"""


def only_to_be_added_to(table: str) -> str:
    """Return the SQL that lets the application add rows to a table, and never change them."""
    return f"""
        DO $$ BEGIN
        IF current_user <> '{APPLICATION}' THEN
            REVOKE UPDATE, DELETE ON "{table}" FROM {APPLICATION};
        END IF;
        END $$"""
