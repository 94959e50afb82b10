# SPDX-License-Identifier: Apache-2.0
"""The queue of changes, the nodes it is for, and what became of what they sent."""

from alembic import op

from migrations.tables import KEY as ID
from migrations.tables import check, column, create_table, drop_tables, index, unique

revision = "poser_0030"
down_revision = "poser_0029"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

_POSITION = "bigint DEFAULT 0 NOT NULL"
# The application may not write to what is captured; this lets it say that rows be sent again.
_TOUCH = """
CREATE FUNCTION touch_rows(touched text, keys uuid[]) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO capture (table_id, key, operation, origin)
    SELECT id, unnest(keys), 'update', '' FROM recorded_tables WHERE name = touched
$$
"""
_COMMENT = """
COMMENT ON FUNCTION touch_rows(text, uuid[]) IS
    'Has rows sent to other nodes as they are, as if they had been changed here.'
"""

# Only ever upwards, so the application may do it: after a restore, no place is given twice.
_SKIP = """
CREATE FUNCTION skip_datasync_places() RETURNS bigint LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT setval('datasync_pos', greatest(
        (SELECT last_value FROM datasync_pos) + 1000000000,
        CAST(extract(epoch FROM clock_timestamp()) * 1e6 AS bigint)))
$$
"""
_SKIP_COMMENT = """
COMMENT ON FUNCTION skip_datasync_places() IS
    'Lets places of the queue go on far above all that were ever given.'
"""

# Who may do everything is the host's to say: its word is not refused on another node, where it
# would leave rights that were taken away.
_GUARD = """
CREATE CONSTRAINT TRIGGER stay_with_administrator AFTER UPDATE OR DELETE ON {table}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {when} EXECUTE FUNCTION stay_with_administrator()
"""
_MADE_HERE = "WHEN (coalesce(current_setting('poser.origin', true), '') = '')"
_GUARDED = ("users", "user_roles", "user_user_role")


def upgrade() -> None:
    """Make them, and this node's own row."""
    op.execute("CREATE SEQUENCE datasync_pos")
    # A node that is built anew under an old name never gives a place that its peers have seen.
    op.execute(
        "SELECT setval('datasync_pos', CAST(extract(epoch FROM clock_timestamp()) * 1e6 AS bigint))"
    )
    _create_node()
    _create_changes()
    _create_peers()
    _create_parked()
    _create_conflicts()
    op.execute(_TOUCH)
    op.execute(_COMMENT)
    op.execute(_SKIP)
    op.execute(_SKIP_COMMENT)
    _guard(_MADE_HERE)


def downgrade() -> None:
    """Take them away."""
    _guard("")
    op.execute("DROP FUNCTION skip_datasync_places()")
    op.execute("DROP FUNCTION touch_rows(text, uuid[])")
    drop_tables(
        "datasync_conflicts",
        "datasync_parked",
        "datasync_peers",
        "datasync_recipients",
        "datasync_changes",
        "datasync_node",
    )
    op.execute("DROP SEQUENCE datasync_pos")


def _guard(when: str) -> None:
    for table in _GUARDED:
        op.execute(f"DROP TRIGGER stay_with_administrator ON {table}")
        op.execute(_GUARD.format(table=table, when=when))


def _create_node() -> None:
    create_table(
        "datasync_node",
        "This node as datasync knows it.",
        column("id", "smallint DEFAULT 1 NOT NULL", "Always 1."),
        column(
            "epoch",
            "uuid DEFAULT gen_random_uuid() NOT NULL",
            "Changes when positions of the queue mean something else: after a restore.",
        ),
        column(
            "server",
            "text DEFAULT '' NOT NULL",
            "The database server as it was when the epoch began: its identifier and timeline.",
        ),
        check("id", "id = 1", "There is one node here."),
    )
    op.execute("INSERT INTO datasync_node DEFAULT VALUES")


def _create_changes() -> None:
    create_table(
        "datasync_changes",
        "The queue: changes in order, for the peers of this node.",
        column(
            "pos",
            "bigint DEFAULT nextval('datasync_pos') NOT NULL",
            "Its place; ascends in the order in which changes became visible.",
        ),
        column(
            "batch",
            "bigint NOT NULL",
            "Last place of those taken at the same moment: read them together.",
        ),
        column(
            "at",
            "timestamptz DEFAULT clock_timestamp() NOT NULL",
            "When the change was taken (UTC).",
        ),
        column("table_name", "text NOT NULL", "The table."),
        column("key", "uuid NOT NULL", "The row's id."),
        column(
            "origin",
            "text DEFAULT '' NOT NULL",
            "The node that the change came from; empty: made here.",
        ),
        column(
            "base",
            _POSITION,
            "How much of the host's queue this node had applied when the change was taken.",
        ),
        column("data", "jsonb", "The row; empty: it is gone."),
        column("recipients", "text[]", "Stores (ids) and kinds of nodes that have it; empty: all."),
        column("had", "text[]", "Who had it before; empty: not known, or all."),
        index("key, pos", name="key"),
        index("at"),
        key="pos",
    )
    create_table(
        "datasync_recipients",
        "Who has which rows, where not all do.",
        column("key", "uuid NOT NULL", "The row's id."),
        column("table_name", "text NOT NULL", "The table."),
        column("recipients", "text[] NOT NULL", "Stores (ids) and kinds of nodes that have it."),
        key="key, table_name",
    )


def _create_peers() -> None:
    create_table(
        "datasync_peers",
        "Nodes that this one is kept in step with.",
        ID,
        column("name", "text NOT NULL", "Name of the node, as in its certificate."),
        column("kind", "text NOT NULL", "host, store or cloud."),
        column(
            "stores",
            "text[] DEFAULT '{}' NOT NULL",
            "Numbers of the stores whose rows it has.",
        ),
        column("state", "text DEFAULT 'active' NOT NULL", "active, paused or held."),
        column(
            "note", "text DEFAULT '' NOT NULL", "Why it is paused or held, or what it is doing."
        ),
        column("epoch", "uuid", "The epoch of its queue, as last heard."),
        column("release", "text DEFAULT '' NOT NULL", "Revision of its database, as last heard."),
        column("received_pos", _POSITION, "Applied of its queue, up to here."),
        column("sent_pos", _POSITION, "It applied ours, up to here."),
        column(
            "is_filled",
            "boolean DEFAULT false NOT NULL",
            "Was compared as a whole since its epoch or ours began.",
        ),
        column("seen_at", "timestamptz", "When it last answered (UTC)."),
        column("in_step_at", "timestamptz", "When it last had all changes there were (UTC)."),
        column(
            "dropped",
            "text[] DEFAULT '{}' NOT NULL",
            "Columns (table.column) it sends that this release does not have.",
        ),
        unique("name", deferrable=False),
        check(
            "name",
            "name <> '' AND name = btrim(name)",
            "The name may not be empty or have blanks around it.",
        ),
        check(
            "kind",
            "kind IN ('host', 'store', 'cloud')",
            "Kind is host, store, cloud; not {kind}.",
        ),
        check(
            "state",
            "state IN ('active', 'paused', 'held')",
            "State is active, paused, held; not {state}.",
        ),
    )


def _create_parked() -> None:
    create_table(
        "datasync_parked",
        "Changes that could not be applied yet.",
        ID,
        column("peer", "text NOT NULL", "The node that it came from."),
        column("table_name", "text NOT NULL", "The table."),
        column("key", "uuid NOT NULL", "The row's id."),
        column("data", "jsonb", "The row as it last came; empty: it is gone."),
        column("base", _POSITION, "As in the queue it came from."),
        column("changed_at", "timestamptz NOT NULL", "When it was taken there (UTC)."),
        column(
            "first_pos",
            "bigint NOT NULL",
            "Place of the first change that waits, in the peer's queue.",
        ),
        column(
            "last_pos",
            "bigint NOT NULL",
            "Place of the last one, which is the one that is tried.",
        ),
        column("tries", "integer DEFAULT 1 NOT NULL", "How often it was tried."),
        column(
            "next_try_at",
            "timestamptz",
            "When it is tried again (UTC); empty: a person has to decide.",
        ),
        column("error", "text DEFAULT '' NOT NULL", "Why it was refused."),
        column(
            "parked_at", "timestamptz DEFAULT now() NOT NULL", "When it was first refused (UTC)."
        ),
        unique("peer, table_name, key", deferrable=False),
        check("tries", "tries >= 1", "What waits was tried once at least."),
        index("next_try_at"),
    )


def _create_conflicts() -> None:
    create_table(
        "datasync_conflicts",
        "Rows that two nodes changed at once.",
        ID,
        column("at", "timestamptz DEFAULT now() NOT NULL", "When it was noticed (UTC)."),
        column("peer", "text NOT NULL", "The other node."),
        column("table_name", "text NOT NULL", "The table."),
        column("key", "uuid NOT NULL", "The row's id."),
        column("base", "jsonb", "The row before both changes, where it is known."),
        column("ours", "jsonb", "The row here; empty: it was deleted here."),
        column("theirs", "jsonb", "The row there; empty: it was deleted there."),
        column("result", "jsonb", "The row since; empty: it is gone."),
        column(
            "fields",
            "text[] DEFAULT '{}' NOT NULL",
            "The fields that both had changed.",
        ),
        column("decided_by", "text DEFAULT '' NOT NULL", "The policy, or the user who decided."),
        column("is_open", "boolean DEFAULT false NOT NULL", "A person is asked to decide."),
        index("key"),
        index("at"),
        index("at", name="open", where="is_open"),
    )
