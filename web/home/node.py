# SPDX-License-Identifier: Apache-2.0
"""How this node is, on the first page of those who look after it: red first."""

from collections.abc import Sequence
from typing import NamedTuple

from web.formats import Moment
from web.language import _
from web.node_status.facts import ICONS, WORDS, Fact, facts, worst_first
from web.node_status.failures import Failure, failures
from web.visits import Visit

_FEW = 5


class NodeState(NamedTuple):
    """Facts with their icons and words, and the newest failures, what is alike as one."""

    facts: Sequence[tuple[Fact, str, str]]
    failures: Sequence[tuple[Failure, Moment | None]]


def node_state(here: Visit) -> NodeState:
    """Look at the node without keeping anybody waiting."""
    found = worst_first(facts(here, here.site.systemd.units()))
    failed = failures(here.read(), here.site.clock())[:_FEW]
    return NodeState(
        [(fact, ICONS[fact.state], _(WORDS[fact.state])) for fact in found],
        [(each, here.moment(each.last_at)) for each in failed],
    )
