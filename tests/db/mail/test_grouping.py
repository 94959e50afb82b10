# SPDX-License-Identifier: Apache-2.0
"""A storm of mail becomes a few: repeats are held and go as one, and so does too much."""

from dataclasses import replace

import pytest

from tests.db.mail.conftest import NEWS, Node

pytestmark = pytest.mark.postgresql


def test_the_first_goes_at_once_and_repeats_go_as_one_later(node: Node) -> None:
    node.queue(about="rain")
    assert node.send() == 1
    held = [node.queue(about="rain") for _ in range(36)]
    assert node.send() == 0
    assert node.mail(held[0]).status_text == "held: it goes with others about the same"
    node.clock.advance(minutes=9)
    assert node.send() == 0
    node.clock.advance(minutes=2)
    assert node.send() == 1
    assert node.subjects() == ["News: rain", "News: rain (36 times)"]
    assert "This mail stands for 36" in node.postbox.came[1].text
    fates = [node.mail(one) for one in held]
    carrier = next(one for one in fates if one.status == "sent")
    joined = [one for one in fates if one.status == "joined"]
    assert len(joined) == 35
    assert {one.sent_with_id for one in joined} == {carrier.id}
    assert node.send() == 0


def test_repeats_that_wait_already_go_with_the_first(node: Node) -> None:
    for _ in range(5):
        node.queue(about="rain", times=100)
    assert node.send() == 1
    assert node.subjects() == ["News: rain (500 times)"]


def test_mails_about_different_things_or_nothing_go_alone(node: Node) -> None:
    node.queue("rain", about="rain")
    node.queue("snow", about="snow")
    node.queue("nothing")
    node.queue("nothing")
    assert node.send() == 4
    assert "stands for" not in node.postbox.came[0].text


def test_different_mails_about_the_same_are_all_shown(node: Node) -> None:
    node.queue("rain", about="sky")
    node.send()
    node.queue("snow", about="sky")
    node.queue("hail", about="sky")
    node.queue("hail", about="sky")
    node.clock.advance(minutes=11)
    assert node.send() == 1
    came = node.postbox.came[1]
    assert came.subject == "News: hail, and 1 other"
    assert "<h1>hail</h1>" in came.html
    assert "<h1>snow</h1>" in came.html
    assert came.html.index("<h1>hail</h1>") < came.html.index("<h1>snow</h1>"), "newest first"


def test_mails_for_different_people_are_not_joined(node: Node) -> None:
    node.queue(about="rain", to=["a@example.com"])
    node.queue(about="rain", to=["b@example.com"])
    assert node.send() == 2


def test_of_a_type_so_many_go_in_an_hour_and_the_last_takes_the_rest_along(node: Node) -> None:
    some = replace(NEWS, key="some", most_per_hour=3)
    node.add_type(some)
    for number in range(10):
        node.queue(f"{number}", type_=some)
    assert node.send() == 3
    assert node.subjects() == ["News: 0", "News: 1", "News: 2, and 7 others"]
    late = [node.queue(f"late {number}", type_=some) for number in range(4)]
    other = node.queue("of another type")
    assert node.send() == 1
    assert node.mail(other).status == "sent"
    assert node.mail(late[0]).status_text == "held: 3 of its type went within the hour"
    node.clock.advance(minutes=61)
    assert node.send() == 3
    assert node.subjects()[-1] == "News: late 2, and 1 other"


def test_repeats_of_a_mail_that_is_still_tried_are_held(node: Node) -> None:
    node.postbox.to_data = ["451 later"]
    node.queue(about="rain")
    assert node.send() == 1
    node.queue(about="rain")
    assert node.send() == 0
    node.clock.advance(minutes=2)
    assert node.send() == 1, "the first again"
    assert node.subjects() == ["News: rain"]
