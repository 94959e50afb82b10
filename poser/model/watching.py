# SPDX-License-Identifier: Apache-2.0
"""Other systems that this node watches or keeps up to date: how far it is with each."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import Id, Model
from poser.model.columns import MINE_ALONE, filled, flag, words


class WatchedSystem(Model):
    """One system that is watched, as the settings name it, and how the last look went."""

    __tablename__ = "datasync_watched"
    __table_args__ = (
        filled("name"),
        {"comment": "Other systems that this node watches.", "info": MINE_ALONE},
    )

    name: Mapped[str] = mapped_column(primary_key=True, comment="Its name in the settings.")
    is_paused: Mapped[bool] = flag("Nobody looks, and nothing of it is written.")
    note: Mapped[str] = words("Why it is paused, or why the last look failed.")
    marks: Mapped[dict[str, Any]] = mapped_column(
        JSONB,
        server_default=text("'{}'"),
        default=dict,
        comment="By model: the newest value seen in the column that says what is new.",
    )
    looked_at: Mapped[datetime | None] = mapped_column(comment="When it was last looked at (UTC).")
    whole_at: Mapped[datetime | None] = mapped_column(
        comment="When all of it was last looked at (UTC)."
    )
    failed_at: Mapped[datetime | None] = mapped_column(
        comment="Since when every look has failed (UTC); empty: the last one did not."
    )


class WatchedRecord(Model):
    """One record of a watched system as it was last seen: enough to tell whether it changed."""

    __tablename__ = "datasync_watched_records"
    __table_args__ = ({"comment": "Records of watched systems as last seen.", "info": MINE_ALONE},)

    watched: Mapped[str] = mapped_column(primary_key=True, comment="The system.")
    model: Mapped[str] = mapped_column(primary_key=True, comment="What its record becomes here.")
    key: Mapped[str] = mapped_column(primary_key=True, comment="Its key there, as JSON.")
    digest: Mapped[bytes] = mapped_column(LargeBinary, comment="SHA-256 of its values.")


class WatchedChange(Model):
    """A record that changed in a watched system and waits to be imported, as it last was there."""

    __tablename__ = "datasync_watched_changes"
    __table_args__ = (
        UniqueConstraint("watched", "model", "key"),
        Index("ix_datasync_watched_changes_next_try_at", "watched", "next_try_at"),
        {"comment": "Changes of watched systems that are not imported yet.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    pos: Mapped[int] = mapped_column(
        BigInteger, Identity(), comment="Ascends in the order in which they were found."
    )
    watched: Mapped[str] = mapped_column(comment="The system.")
    model: Mapped[str] = mapped_column(comment="What its record becomes here.")
    key: Mapped[str] = mapped_column(comment="Its key there, as JSON.")
    data: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="The record's values; empty: it is gone."
    )
    found_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When it was last found to have changed (UTC)."
    )
    version: Mapped[UUID] = mapped_column(
        server_default=func.gen_random_uuid(), comment="Another one whenever it changes again."
    )
    tries: Mapped[int] = mapped_column(
        server_default=text("0"), default=0, comment="How often it was refused."
    )
    next_try_at: Mapped[datetime | None] = mapped_column(
        server_default=func.now(),
        comment="When it is tried next (UTC); empty: a person has to decide.",
    )
    error: Mapped[str] = words("Why it was refused.")


class PushedSystem(Model):
    """One system that is kept up to date from here, as the settings name it."""

    __tablename__ = "datasync_pushed"
    __table_args__ = (
        filled("name"),
        {"comment": "Other systems that this node keeps up to date.", "info": MINE_ALONE},
    )

    name: Mapped[str] = mapped_column(primary_key=True, comment="Its name in the settings.")
    is_paused: Mapped[bool] = flag("Nothing is brought there.")
    note: Mapped[str] = words("Why it is paused, or why it failed last.")
    seen: Mapped[str] = words("How the tables were when it was last brought there.")
    pushed_at: Mapped[datetime | None] = mapped_column(
        comment="When it was last brought there (UTC)."
    )
    failed_at: Mapped[datetime | None] = mapped_column(
        comment="Since when it has failed each time (UTC); empty: the last time it did not."
    )
