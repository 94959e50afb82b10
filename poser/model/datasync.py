# SPDX-License-Identifier: Apache-2.0
"""Datasync's own tables: the node itself, the queue of changes, peers, what waits, conflicts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, SmallInteger, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import Id, Model
from poser.model.columns import MINE_ALONE, check, filled, flag, one_of, words

_SWEEP = """
WITH gone AS (
    DELETE FROM datasync_conflicts WHERE NOT is_open AND at < now() - interval '400 days'
    RETURNING 1
)
SELECT count(*) FROM gone
"""


class NodeKind(StrEnum):
    """The kinds of nodes that are kept in step."""

    HOST = "host"
    STORE = "store"
    CLOUD = "cloud"


class PeerState(StrEnum):
    """Whether changes go to and from a peer."""

    ACTIVE = "active"
    PAUSED = "paused"
    HELD = "held"
    """Its release or its past keep it from being in step; `note` says why."""


class DatasyncNode(Model):
    """This node as datasync knows it; one row."""

    __tablename__ = "datasync_node"
    __table_args__ = (
        check("id", "id = 1", "There is one node here."),
        {"comment": "This node as datasync knows it.", "info": MINE_ALONE},
    )

    id: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, server_default=text("1"), comment="Always 1."
    )
    epoch: Mapped[UUID] = mapped_column(
        server_default=func.gen_random_uuid(),
        comment="Changes when positions of the queue mean something else: after a restore.",
    )
    server: Mapped[str] = words(
        "The database server as it was when the epoch began: its identifier and timeline."
    )


class DatasyncChange(Model):
    """One change of the queue: what a row was when the change was taken, or that it is gone."""

    __tablename__ = "datasync_changes"
    __table_args__ = (
        Index("ix_datasync_changes_key", "key", "pos"),
        Index("ix_datasync_changes_at", "at"),
        {"comment": "The queue: changes in order, for the peers of this node.", "info": MINE_ALONE},
    )

    pos: Mapped[int] = mapped_column(
        BigInteger,
        primary_key=True,
        server_default=text("nextval('datasync_pos')"),
        comment="Its place; ascends in the order in which changes became visible.",
    )
    batch: Mapped[int] = mapped_column(
        BigInteger, comment="Last place of those taken at the same moment: read them together."
    )
    at: Mapped[datetime] = mapped_column(
        server_default=func.clock_timestamp(), comment="When the change was taken (UTC)."
    )
    table_name: Mapped[str] = mapped_column(comment="The table.")
    key: Mapped[UUID] = mapped_column(comment="The row's id.")
    origin: Mapped[str] = words("The node that the change came from; empty: made here.")
    base: Mapped[int] = mapped_column(
        BigInteger,
        server_default=text("0"),
        comment="How much of the host's queue this node had applied when the change was taken.",
    )
    data: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="The row; empty: it is gone."
    )
    recipients: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text), comment="Stores (ids) and kinds of nodes that have it; empty: all."
    )
    had: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text), comment="Who had it before; empty: not known, or all."
    )


class DatasyncRecipients(Model):
    """Who has a row of a table that not everyone has, so that it is taken from who loses it."""

    __tablename__ = "datasync_recipients"
    __table_args__ = ({"comment": "Who has which rows, where not all do.", "info": MINE_ALONE},)

    key: Mapped[UUID] = mapped_column(primary_key=True, comment="The row's id.")
    table_name: Mapped[str] = mapped_column(primary_key=True, comment="The table.")
    recipients: Mapped[list[str]] = mapped_column(
        ARRAY(Text), comment="Stores (ids) and kinds of nodes that have it."
    )


class DatasyncPeer(Model):
    """A node that this one is kept in step with."""

    __tablename__ = "datasync_peers"
    __table_args__ = (
        UniqueConstraint("name"),
        filled("name"),
        one_of("kind", NodeKind),
        one_of("state", PeerState),
        {"comment": "Nodes that this one is kept in step with.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(comment="Name of the node, as in its certificate.")
    kind: Mapped[str] = mapped_column(comment="host, store or cloud.")
    stores: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        server_default=text("'{}'"),
        default=list,
        comment="Numbers of the stores whose rows it has.",
    )
    state: Mapped[str] = words("active, paused or held.", default=PeerState.ACTIVE)
    note: Mapped[str] = words("Why it is paused or held, or what it is doing.")
    epoch: Mapped[UUID | None] = mapped_column(comment="The epoch of its queue, as last heard.")
    release: Mapped[str] = words("Revision of its database, as last heard.")
    received_pos: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), default=0, comment="Applied of its queue, up to here."
    )
    sent_pos: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), default=0, comment="It applied ours, up to here."
    )
    is_filled: Mapped[bool] = flag("Was compared as a whole since its epoch or ours began.")
    seen_at: Mapped[datetime | None] = mapped_column(comment="When it last answered (UTC).")
    in_step_at: Mapped[datetime | None] = mapped_column(
        comment="When it last had all changes there were (UTC)."
    )
    dropped: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        server_default=text("'{}'"),
        default=list,
        comment="Columns (table.column) it sends that this release does not have.",
    )


class DatasyncParked(Model):
    """A change that could not be applied; it waits, and with it all later ones of its row."""

    __tablename__ = "datasync_parked"
    __table_args__ = (
        UniqueConstraint("peer", "table_name", "key"),
        Index("ix_datasync_parked_next_try_at", "next_try_at"),
        check("tries", "tries >= 1", "What waits was tried once at least."),
        {"comment": "Changes that could not be applied yet.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    peer: Mapped[str] = mapped_column(comment="The node that it came from.")
    table_name: Mapped[str] = mapped_column(comment="The table.")
    key: Mapped[UUID] = mapped_column(comment="The row's id.")
    data: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="The row as it last came; empty: it is gone."
    )
    base: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="As in the queue it came from."
    )
    changed_at: Mapped[datetime] = mapped_column(comment="When it was taken there (UTC).")
    first_pos: Mapped[int] = mapped_column(
        BigInteger, comment="Place of the first change that waits, in the peer's queue."
    )
    last_pos: Mapped[int] = mapped_column(
        BigInteger, comment="Place of the last one, which is the one that is tried."
    )
    tries: Mapped[int] = mapped_column(
        server_default=text("1"), default=1, comment="How often it was tried."
    )
    next_try_at: Mapped[datetime | None] = mapped_column(
        comment="When it is tried again (UTC); empty: a person has to decide."
    )
    error: Mapped[str] = words("Why it was refused.")
    parked_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When it was first refused (UTC)."
    )


class DatasyncSettled(Model):
    """A row as a node sent it and the host settled it otherwise, until the node knows.

    What the node changes meanwhile, it changes from this.
    """

    __tablename__ = "datasync_settled"
    __table_args__ = (
        {
            "comment": "Rows as a node sent them which the host settled otherwise, until the node"
            " knows.",
            "info": MINE_ALONE,
        },
    )

    peer: Mapped[str] = mapped_column(primary_key=True, comment="The node that sent it.")
    table_name: Mapped[str] = mapped_column(primary_key=True, comment="The table.")
    key: Mapped[UUID] = mapped_column(primary_key=True, comment="The row's id.")
    data: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="The row as the node has it; empty: it deleted it."
    )
    pos: Mapped[int] = mapped_column(
        BigInteger, comment="Place in this node's queue from which on it knows."
    )
    at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When it was settled (UTC)."
    )


class DatasyncConflict(Model):
    """Two nodes changed a row without knowing of each other: both versions, and what came of it."""

    __tablename__ = "datasync_conflicts"
    __table_args__ = (
        Index("ix_datasync_conflicts_key", "key"),
        Index("ix_datasync_conflicts_at", "at"),
        Index("ix_datasync_conflicts_open", "at", postgresql_where=text("is_open")),
        {
            "comment": "Rows that two nodes changed at once.",
            "info": {**MINE_ALONE, "upkeep": {"conflicts that were settled long ago": _SWEEP}},
        },
    )

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When it was noticed (UTC)."
    )
    peer: Mapped[str] = mapped_column(comment="The other node.")
    table_name: Mapped[str] = mapped_column(comment="The table.")
    key: Mapped[UUID] = mapped_column(comment="The row's id.")
    base: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="The row before both changes, where it is known."
    )
    ours: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="The row here; empty: it was deleted here."
    )
    theirs: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="The row there; empty: it was deleted there."
    )
    result: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, comment="The row since; empty: it is gone."
    )
    fields: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'"), comment="The fields that both had changed."
    )
    decided_by: Mapped[str] = words("The policy, or the user who decided.")
    is_open: Mapped[bool] = flag("A person is asked to decide.")
