# SPDX-License-Identifier: Apache-2.0
"""What a node did for people: reports it made, upgrades it was asked for."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model
from poser.model.columns import MINE_ALONE, check, filled, flag, one_of, reference, unique, words


class UpgradeStatus(StrEnum):
    """How far an upgrade is."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class ReportOutput(Model):
    """A report that was made, with what it was asked for; its file lies on the node."""

    __tablename__ = "report_outputs"
    __table_args__ = (
        filled("report"),
        check("row_count", "row_count >= 0", "A report has no fewer rows than none."),
        Index("ix_report_outputs_report_created_at", "report", "created_at"),
        {"comment": "Reports that were made on this node.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    report: Mapped[str] = mapped_column(comment="Which report, such as sales_by_department.")
    title: Mapped[str] = words("What people read.")
    parameters: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'"), default=dict, comment="What it was asked for."
    )
    row_count: Mapped[int | None] = mapped_column(comment="How many rows it has.")
    file_name: Mapped[str] = words("Name of its file in the node's folder of reports.")
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary, comment="SHA-256 of the file.")
    created_by_id: Mapped[UUID | None] = reference(
        "users.id", "Who asked for it.", ondelete="SET NULL"
    )
    created_at: Mapped[CreatedAt]


class Upgrade(Model):
    """A release that somebody wants on this node, and how that went."""

    __tablename__ = "upgrades"
    __table_args__ = (
        one_of("status", UpgradeStatus),
        filled("system"),
        check(
            "exit_code",
            "exit_code IS NULL OR status IN ('succeeded', 'failed')",
            "An upgrade has an exit code when it has run.",
        ),
        {"comment": "Upgrades of this node's software.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    system: Mapped[str] = mapped_column(comment="What is upgraded, such as poser.")
    description: Mapped[str] = words("What the upgrade brings.")
    notes: Mapped[str] = words("What somebody wrote about it.")
    not_before: Mapped[datetime | None] = mapped_column(comment="Not to run before (UTC).")
    is_enabled: Mapped[bool] = flag("May run.", default=True)
    status: Mapped[str] = words(
        "waiting, running, succeeded or failed.", default=UpgradeStatus.WAITING
    )
    created_by_id: Mapped[UUID | None] = reference(
        "users.id", "Who asked for it.", ondelete="SET NULL"
    )
    executed_by_id: Mapped[UUID | None] = reference(
        "users.id", "Who let it run.", ondelete="SET NULL"
    )
    executed_at: Mapped[datetime | None] = mapped_column(comment="When it ended (UTC).")
    exit_code: Mapped[int | None] = mapped_column(comment="Exit code; 0 is success.")
    created_at: Mapped[CreatedAt]


class UpgradeRequirement(Model):
    """A version of one package that an upgrade must bring."""

    __tablename__ = "upgrade_requirements"
    __table_args__ = (
        unique("upgrade_id", "package"),
        filled("package"),
        {"comment": "What upgrades must bring.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    upgrade_id: Mapped[UUID] = reference(
        "upgrades.id", "The upgrade.", ondelete="CASCADE", index=False
    )
    package: Mapped[str] = mapped_column(comment="Name of the package.")
    version: Mapped[str] = words("Version, or the least version as >=1.2.")
