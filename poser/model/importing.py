# SPDX-License-Identifier: Apache-2.0
"""Runs of import handlers: what they were asked, what came of it, and what they kept aside.

What a run changed is the history of its transactions (`transaction_ids`); nothing is kept
twice. See docs/decisions/0018-a-run-is-its-history.md.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Identity, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as ID
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import Id, Model
from poser.importing.keeping import OLD_RUNS
from poser.importing.result import Kind, RunStatus
from poser.model.columns import MINE_ALONE, filled, one_of, reference, words

_SWEEP = "SELECT sweep_import_stages()"


class ImportRun(Model):
    """One run of an import handler, from its start on."""

    __tablename__ = "import_runs"
    __table_args__ = (
        UniqueConstraint("number"),
        filled("key"),
        one_of("status", RunStatus),
        Index("ix_import_runs_key_began_at", "key", "began_at"),
        {
            "comment": "Runs of import handlers.",
            "info": {
                **MINE_ALONE,
                "upkeep": {
                    "staging tables that nobody resumed": _SWEEP,
                    "runs of importers that are old": OLD_RUNS,
                },
            },
        },
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(
        Integer, Identity(), comment="Number of the run on this node, as people call it."
    )
    key: Mapped[str] = mapped_column(comment="Key of the import handler.")
    status: Mapped[str] = mapped_column(comment=f"{', '.join(RunStatus)}.")
    command: Mapped[str] = words("The command line, as it was typed.")
    source: Mapped[str] = words("What was read: a path or an address.")
    user_name: Mapped[str] = words("Who ran it.")
    comment: Mapped[str] = words("What they said about it.")
    asked: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'"), default=dict, comment="What the run was asked to do."
    )
    began_at: Mapped[datetime] = mapped_column(
        server_default=text("clock_timestamp()"), comment="When it began (UTC)."
    )
    ended_at: Mapped[datetime | None] = mapped_column(comment="When it ended (UTC).")
    why: Mapped[str] = words("Why it stopped or failed.")
    hint: Mapped[str] = words("What to do about that.")
    notes: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'"), default=list, comment="What was found out."
    )
    counts: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, server_default=text("'[]'"), default=list, comment="Counts of each model."
    )
    stage: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="What its staging tables hold, once the source is read; empty when they are gone.",
    )
    transaction_ids: Mapped[list[UUID]] = mapped_column(
        ARRAY(ID(as_uuid=True)),
        server_default=text("'{}'"),
        default=list,
        comment="Its transactions: history_transactions.id.",
    )
    batch_ids: Mapped[list[UUID]] = mapped_column(
        ARRAY(ID(as_uuid=True)),
        server_default=text("'{}'"),
        default=list,
        comment="The batches that it made.",
    )
    reverts_id: Mapped[UUID | None] = reference(
        "import_runs.id", "The run that this one took back.", ondelete="SET NULL"
    )


class ImportRefusal(Model):
    """A record that a run kept aside, and why."""

    __tablename__ = "import_refusals"
    __table_args__ = ({"comment": "Records that runs kept aside.", "info": MINE_ALONE},)

    id: Mapped[Id]
    run_id: Mapped[UUID] = reference("import_runs.id", "The run.", ondelete="CASCADE")
    model: Mapped[str] = mapped_column(comment="Name of the model, such as Product.")
    place: Mapped[str] = words("Where it is in the source: a line, or words.")
    field: Mapped[str] = words("What of it is wrong; empty: all of it.")
    value: Mapped[str] = words("The value as it came.")
    reason: Mapped[str] = mapped_column(comment="Why it was kept aside.")


class ImportChange(Model):
    """A change that the history cannot have: of a run that wrote nothing, or wrote elsewhere."""

    __tablename__ = "import_changes"
    __table_args__ = (
        one_of("kind", Kind),
        {"comment": "Changes of runs that are in no history.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    run_id: Mapped[UUID] = reference("import_runs.id", "The run.", ondelete="CASCADE")
    model: Mapped[str] = mapped_column(comment="Name of the model, such as Product.")
    kind: Mapped[str] = mapped_column(comment=f"{', '.join(Kind)}.")
    key: Mapped[str] = mapped_column(comment="What the row is known by.")
    row_id: Mapped[UUID | None] = mapped_column(comment="Id of the row, where it has one.")
    old: Mapped[dict[str, str | None]] = mapped_column(
        JSONB, server_default=text("'{}'"), default=dict, comment="Fields before, as text."
    )
    new: Mapped[dict[str, str | None]] = mapped_column(
        JSONB, server_default=text("'{}'"), default=dict, comment="Fields after, as text."
    )
