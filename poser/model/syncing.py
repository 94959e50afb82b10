# SPDX-License-Identifier: Apache-2.0
"""What datasync does with the rows of a table: declared in the table's `info`, read by datasync.

A table whose changes are captured says `"info": {"sync": ...}`. The expressions are SQL over
one row that is called `r`. See docs/decisions/0036-datasync.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Flow(StrEnum):
    """Who may change the rows of a table for all nodes."""

    NONE = "none"
    """The rows stay on the node where they were written."""
    DOWN = "down"
    """The host; what another node changes is put back."""
    BOTH = "both"
    """Every node that has the row."""


class Policy(StrEnum):
    """Who wins when two nodes changed the same field of a row without knowing of each other."""

    HOST_WINS = "host_wins"
    PEER_WINS = "peer_wins"
    NEWEST = "newest"
    """The change that was made last by the clocks of the nodes."""
    ADD = "add"
    """Both: the difference that the peer made is added to what the host has."""
    REVIEW = "review"
    """A person; until then the host's value holds."""


_WINS = {
    Policy.HOST_WINS: "the host's holds",
    Policy.PEER_WINS: "the other node's holds",
    Policy.NEWEST: "the newest holds",
    Policy.ADD: "both are added up",
    Policy.REVIEW: "a person decides",
}

EVERYONE = "NULL::text[]"
NOBODY_ELSE = "'{}'::text[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """How the rows of one table are kept in step.

    `recipients` is a SQL expression over a row `r`: NULL for every node, or a text[] of the ids
    of stores (and the word cloud) that have the row. `follows` are the tables whose rows decide
    it too, by this table's column that refers to them: `{"employee_id": "employees"}`.
    `looks_at` are small tables that the expression reads otherwise. `on_cloud` says whether cloud
    nodes have the table at all. `has_own_rows` says of a table that the host keeps that nodes
    have rows of no recipient beside, which are theirs. `policy` decides conflicts, `policies`
    those of single fields.
    """

    flow: Flow
    recipients: str = EVERYONE
    follows: Mapping[str, str] = field(default_factory=dict)
    looks_at: tuple[str, ...] = ()
    on_cloud: bool = False
    has_own_rows: bool = False
    policy: Policy = Policy.HOST_WINS
    policies: Mapping[str, Policy] = field(default_factory=dict)

    @property
    def is_scoped(self) -> bool:
        """Whether some nodes have some of the rows only."""
        return self.recipients != EVERYONE

    def in_words(self) -> str:
        """Say who may change the rows, where they go, and who wins, for the pages of docs."""
        if self.flow is Flow.NONE:
            return "Stays on its node"
        to = "the nodes that a row is for" if self.is_scoped else "every store"
        cloud = ", the cloud among them" if self.is_scoped else " and the cloud"
        where = f"goes to {to}{cloud if self.on_cloud else ''}"
        if self.flow is Flow.DOWN:
            return f"Changed at the host, {where}"
        fields = (f"of `{name}` {_WINS[one]}" for name, one in self.policies.items())
        wins = ", ".join((_WINS[self.policy], *fields))
        return f"Changed on every node that has it, {where}; of two changes {wins}"


def shared(*, on_cloud: bool = False) -> dict[str, Sync]:
    """Return the `info` of a table that the host keeps for all nodes, such as products."""
    return {"sync": Sync(flow=Flow.DOWN, on_cloud=on_cloud)}


def everywhere(*, on_cloud: bool = False, policy: Policy = Policy.HOST_WINS) -> dict[str, Sync]:
    """Return the `info` of a table that every node writes for all, such as customers."""
    return {"sync": Sync(flow=Flow.BOTH, on_cloud=on_cloud, policy=policy)}


def of_store(
    flow: Flow = Flow.BOTH, *, column: str = "store_id", policy: Policy = Policy.PEER_WINS
) -> dict[str, Sync]:
    """Return the `info` of a table whose rows belong to a store, or to all where that is NULL."""
    recipients = f"CASE WHEN r.{column} IS NOT NULL THEN ARRAY[r.{column}::text] END"
    return {"sync": Sync(flow=flow, recipients=recipients, policy=policy)}


def following(
    column: str,
    parent: str,
    recipients: str,
    *,
    flow: Flow = Flow.BOTH,
    policy: Policy = Policy.PEER_WINS,
    on_cloud: bool = False,
) -> dict[str, Sync]:
    """Return the `info` of a table whose rows go where the row goes that `column` refers to.

    `recipients` is the parent's expression, over a row that is called `p`.
    """
    found = f"(SELECT {recipients} FROM {parent} AS p WHERE p.id = r.{column})"  # noqa: S608 - of the code
    return {
        "sync": Sync(
            flow=flow,
            recipients=found,
            follows={column: parent},
            policy=policy,
            on_cloud=on_cloud,
        )
    }


OF_PARENTS_STORE = "CASE WHEN p.store_id IS NOT NULL THEN ARRAY[p.store_id::text] END"
"""For `following`: the recipients of a parent that belongs to a store."""

STAYS: dict[str, Sync] = {"sync": Sync(flow=Flow.NONE)}
"""The `info` of a table whose rows stay on the node where they were written."""
