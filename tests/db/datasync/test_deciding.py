# SPDX-License-Identifier: Apache-2.0
"""Policies: what becomes of fields that two nodes changed, and of rows that one deleted."""

import pytest

from poser.datasync.conflicts import Fields, Outcome, decide
from poser.datasync.declared import Synced
from poser.model.syncing import Flow, Policy, Sync

BASE = {"name": '"was"', "points": "10", "modified_at": '"1"'}
OURS = {"name": '"ours"', "points": "12", "modified_at": '"2"'}
THEIRS = {"name": '"theirs"', "points": "9", "modified_at": '"3"'}


def outcome(
    policy: Policy,
    base: Fields | None = BASE,
    ours: Fields | None = OURS,
    theirs: Fields | None = THEIRS,
    *,
    newer: bool = True,
    **policies: Policy,
) -> Outcome:
    sync = Sync(flow=Flow.BOTH, policy=policy, policies=policies)
    table = Synced(name="t", sync=sync, columns=tuple(BASE), loose={})
    return decide(table, base, ours, theirs, theirs_are_newer=newer)


@pytest.mark.parametrize(
    ("policy", "newer", "name"),
    [
        (Policy.HOST_WINS, True, "ours"),
        (Policy.PEER_WINS, False, "theirs"),
        (Policy.NEWEST, True, "theirs"),
        (Policy.NEWEST, False, "ours"),
        (Policy.REVIEW, True, "ours"),
    ],
)
def test_each_policy_has_its_winner(policy: Policy, newer: bool, name: str) -> None:  # noqa: FBT001
    found = outcome(policy, newer=newer)
    assert found.result is not None
    assert found.result["name"] == f'"{name}"'
    assert found.fields == ("name", "points")
    assert found.decided_by == policy
    assert found.is_open is (policy is Policy.REVIEW)


def test_what_only_one_changed_is_no_conflict() -> None:
    found = outcome(Policy.HOST_WINS, theirs={**BASE, "points": "11"}, ours={**BASE, "name": '"n"'})
    assert found.result == {"name": '"n"', "points": "11", "modified_at": '"1"'}
    assert not found.fields
    assert not found.is_open


def test_added_is_what_the_peer_added() -> None:
    assert (outcome(Policy.HOST_WINS, points=Policy.ADD).result or {})["points"] == "11"
    places = {"ours": {**OURS, "points": "0.10"}, "theirs": {**THEIRS, "points": "0.30"}}
    base = {**BASE, "points": "0.20"}
    found = outcome(Policy.HOST_WINS, base, points=Policy.ADD, **places)
    assert (found.result or {})["points"] == "0.20"


def test_without_the_row_before_the_host_keeps_its_number() -> None:
    found = outcome(Policy.PEER_WINS, None, points=Policy.ADD)
    assert (found.result or {})["points"] == "12"
    assert (found.result or {})["name"] == '"theirs"'


def test_a_field_has_its_own_policy() -> None:
    found = outcome(Policy.HOST_WINS, name=Policy.PEER_WINS)
    assert found.result == {"name": '"theirs"', "points": "12", "modified_at": '"3"'}
    assert found.decided_by == "peer_wins, host_wins"


@pytest.mark.parametrize(
    ("policy", "newer", "gone"),
    [
        (Policy.HOST_WINS, True, False),
        (Policy.PEER_WINS, False, True),
        (Policy.NEWEST, True, True),
        (Policy.ADD, True, False),
        (Policy.REVIEW, True, False),
    ],
)
def test_a_row_that_the_peer_deleted(policy: Policy, newer: bool, gone: bool) -> None:  # noqa: FBT001
    found = outcome(policy, theirs=None, newer=newer)
    assert (found.result is None) is gone
    assert found.fields
    back = outcome(policy, ours=None, newer=newer)
    assert (back.result is None) is not gone
