# SPDX-License-Identifier: Apache-2.0
"""What `poser doctor outbox` says of mail that waits, fails, or has nobody to go to."""

from datetime import timedelta

import pytest

from poser.cli.app import Node as Typed
from poser.doctor import Finding, State, Subject, chosen, look
from tests.db.mail.conftest import Node

pytestmark = pytest.mark.postgresql


def found(node: Node) -> Finding:
    subject = Subject(node=Typed([node.path], debug=False), clock=node.clock)
    return look(chosen(["outbox"])[0], subject)


def test_an_outbox_that_is_empty_or_young_is_well(node: Node) -> None:
    assert (found(node).state, found(node).sentence) == (State.OK, "all is sent")
    node.queue()
    assert (found(node).state, found(node).sentence) == (State.OK, "1 mails wait for their time")


def test_mail_that_nobody_takes_is_stuck(node: Node) -> None:
    node.queue()
    node.clock.advance(minutes=29)
    assert found(node).state is State.OK
    node.clock.advance(minutes=2)
    finding = found(node)
    assert finding.state is State.WRONG
    assert finding.sentence.startswith("1 mails are stuck in the outbox since ")
    assert finding.sentence.endswith("nobody says why")


def test_mail_that_is_tried_again_and_again_is_stuck_and_says_why(node: Node) -> None:
    node.postbox.to_data = ["451 disk full"] * 99
    node.queue()
    for _ in range(40):
        node.send()
        node.clock.advance(minutes=1)
    finding = found(node)
    assert finding.state is State.WRONG
    assert finding.sentence.endswith("desk@example.com: 451 disk full")


def test_mail_that_is_held_for_a_digest_is_not_stuck(node: Node) -> None:
    node.queue(about="rain")
    node.send()
    node.queue(about="rain")
    node.send()
    node.clock.advance(minutes=5)
    assert found(node).state is State.OK


def test_mail_that_failed_is_told_for_a_day(node: Node) -> None:
    node.postbox.to["desk@example.com"] = "550 unknown"
    node.queue()
    node.send()
    finding = found(node)
    assert finding.state is State.WARNING
    assert finding.sentence == (
        "1 mails could not be sent since yesterday: desk@example.com: 550 unknown"
    )
    node.clock.now += timedelta(days=2)
    assert found(node).state is State.OK


def test_mail_for_nobody_is_told(node: Node) -> None:
    node.queue(to=["user:nemo"])
    node.send()
    assert found(node).sentence == "1 mails since yesterday had nobody to go to"
