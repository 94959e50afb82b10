# SPDX-License-Identifier: Apache-2.0
"""Tasks that run beside the web app, and what people say about it."""

from migrations.tables import (
    CREATED_AT,
    KEY,
    MODIFIED_AT,
    check,
    column,
    create_table,
    drop_tables,
    index,
    references,
    unique,
)

revision = "poser_0024"
down_revision = "poser_0023"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Make them."""
    _create_tasks()
    _create_task_files()
    _create_user_feedback()


def downgrade() -> None:
    """Take them away."""
    drop_tables("user_feedback", "task_files", "tasks")


def _create_tasks() -> None:
    create_table(
        "tasks",
        "Long work that people asked for.",
        KEY,
        column("kind", "text NOT NULL", "Which work it is, such as import."),
        column("title", "text DEFAULT '' NOT NULL", "What people read."),
        column(
            "status",
            "text DEFAULT 'waiting' NOT NULL",
            "waiting, running, done, failed, cancelled.",
        ),
        column("params", "jsonb DEFAULT '{}' NOT NULL", "What exactly is to be done."),
        column("user_id", "uuid", "Who asked for it."),
        column("user_name", "text DEFAULT '' NOT NULL", "Their name, kept when they are gone."),
        column("address", "text DEFAULT '' NOT NULL", "Network address of their browser."),
        column("is_unwanted", "boolean DEFAULT false NOT NULL", "Somebody asked it to stop."),
        column("progress", "jsonb DEFAULT '{}' NOT NULL", "How far it is."),
        column("message", "text DEFAULT '' NOT NULL", "What came of it, or why it failed."),
        column("hint", "text DEFAULT '' NOT NULL", "What to do about that."),
        column(
            "path", "text DEFAULT '' NOT NULL", "Page of the web app that shows what came of it."
        ),
        CREATED_AT,
        column("began_at", "timestamptz", "When it began (UTC)."),
        column("ended_at", "timestamptz", "When it ended (UTC)."),
        check(
            "kind",
            "kind <> '' AND kind = btrim(kind)",
            "The kind may not be empty or have blanks around it.",
        ),
        check(
            "status",
            "status IN ('waiting', 'running', 'done', 'failed', 'cancelled')",
            "Status is waiting, running, done, failed, cancelled; not {status}.",
        ),
        check(
            "ended_at",
            "(ended_at IS NULL) = (status IN ('waiting', 'running'))",
            "A task that has ended says when.",
        ),
        references("user_id", "users (id)", "ON DELETE SET NULL"),
        index("created_at, id", name="waiting", where="status IN ('waiting', 'running')"),
        index("user_id, created_at"),
    )


def _create_task_files() -> None:
    create_table(
        "task_files",
        "Files that came with tasks, in pieces.",
        KEY,
        column("task_id", "uuid NOT NULL", "The task."),
        column("name", "text NOT NULL", "Name of the file, as the browser had it."),
        column("number", "integer NOT NULL", "Which piece it is, from one."),
        column("data", "bytea NOT NULL", "The bytes of the piece."),
        unique("task_id, name, number", deferrable=False),
        check(
            "name",
            "name <> '' AND name = btrim(name)",
            "The name may not be empty or have blanks around it.",
        ),
        check("number", "number >= 1", "Pieces of a file are counted from one."),
        references("task_id", "tasks (id)", "ON DELETE CASCADE"),
    )


def _create_user_feedback() -> None:
    create_table(
        "user_feedback",
        "What people say about pages.",
        KEY,
        column("page", "text DEFAULT '' NOT NULL", "Address of the page that it is about."),
        column("text", "text NOT NULL", "What they said."),
        column("user_id", "uuid", "Who said it."),
        column("user_name", "text DEFAULT '' NOT NULL", "Their name, kept when they are gone."),
        column("browser", "text DEFAULT '' NOT NULL", "The browser, as it calls itself."),
        column("answer", "text DEFAULT '' NOT NULL", "What was done about it."),
        column("answered_at", "timestamptz", "When somebody dealt with it (UTC)."),
        CREATED_AT,
        MODIFIED_AT,
        check("text", "btrim(text) <> ''", "Say something first."),
        references("user_id", "users (id)", "ON DELETE SET NULL"),
        index("created_at, id"),
        index("user_id"),
    )
