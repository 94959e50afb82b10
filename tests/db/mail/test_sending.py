# SPDX-License-Identifier: Apache-2.0
"""Mail goes from the outbox to a real mail server, and what became of it is kept."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from poser.db import transaction
from poser.errors import Unavailable
from poser.mail import queue
from poser.mail.claiming import Claimed
from poser.mail.recipients import BadRecipient
from poser.mail.reporting import pause_after
from poser.mail.worker import Worker
from tests.db.mail.conftest import NEWS, Node

pytestmark = pytest.mark.postgresql


def test_a_mail_comes_with_both_its_parts(node: Node) -> None:
    mail_id = node.queue("rain & <snow>")
    assert node.send() == 1
    (came,) = node.postbox.came
    assert came.recipients == ["desk@example.com"]
    assert came.sender == "poser@shop.example"
    assert came.subject == "News: rain & <snow>"
    assert "<h1>rain &amp; &lt;snow&gt;</h1>" in came.html
    assert came.text.startswith("rain & <snow>\n=============\n\n3 of shop\n")
    assert came.message["From"] == "Poser <poser@shop.example>"
    assert came.message["To"] == "desk@example.com"
    assert came.message["Message-ID"] == f"<{mail_id}@shop.example>"
    assert came.message["Auto-Submitted"] == "auto-generated"
    assert abs(parsedate_to_datetime(came.message["Date"]) - node.clock.now) < timedelta(seconds=2)


def test_what_became_of_it_is_kept_with_the_whole_mail(node: Node) -> None:
    mail_id = node.queue()
    node.send()
    mail = node.mail(mail_id)
    assert (mail.status, mail.tries, mail.still_to) == ("sent", 1, [])
    assert mail.finished_at == node.clock.now
    assert b"Subject: News: rain" in (mail.message or b"")
    (attempt,) = node.attempts(mail_id)
    assert (attempt.status, attempt.status_text) == ("sent", "250 taken")
    assert attempt.recipients == ["desk@example.com"]
    assert node.send() == 0


def test_what_is_rolled_back_sends_nothing(node: Node) -> None:
    def fail() -> None:
        with transaction(node.engine) as session:
            queue(session, NEWS, data={"what": "rain", "count": 1})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert node.send() == 0
    assert node.postbox.came == []


@pytest.mark.parametrize("data", [{"what": "rain"}, {"what": "rain", "count": 1, "more": 2}])
def test_values_that_the_sample_does_not_have_are_refused(
    node: Node, data: dict[str, object]
) -> None:
    with transaction(node.engine) as session, pytest.raises(ValueError, match="its sample"):
        queue(session, NEWS, data=data)


def test_a_recipient_that_is_none_is_refused_when_it_is_queued(node: Node) -> None:
    with pytest.raises(BadRecipient, match="no address"):
        node.queue(to=["a@example.com\nBcc: b@example.com"])


def test_a_mail_that_is_not_taken_now_is_tried_again_later_and_is_the_same(node: Node) -> None:
    node.postbox.to_data = ["451 later", "451 later", "250 taken"]
    mail_id = node.queue(about="rain\0\ud800")
    assert node.send() == 1
    assert node.send() == 0, "not before its time"
    assert node.mail(mail_id).status_text == "desk@example.com: 451 later"
    node.clock.advance(seconds=61)
    assert node.send() == 1
    first = node.mail(mail_id).message
    node.clock.advance(seconds=61)
    assert node.send() == 0, "twice as long after the second"
    node.clock.advance(seconds=61)
    assert node.send() == 1
    assert node.mail(mail_id).status == "sent"
    assert node.mail(mail_id).message == first
    assert [one.status for one in node.attempts(mail_id)] == ["failed", "failed", "sent"]
    assert len(node.postbox.came) == 1


def test_pauses_grow_to_an_hour() -> None:
    minutes = [pause_after(tries) / timedelta(minutes=1) for tries in (1, 2, 3, 6, 7, 99)]
    assert minutes == [1, 2, 4, 32, 60, 60]


def test_it_is_given_up_after_the_time_that_is_set(node: Node) -> None:
    node.lines = ("give_up_after = 1 h",)
    node.postbox.to_data = ["451 later"] * 9
    mail_id = node.queue()
    tries = 0
    while node.mail(mail_id).status == "waiting":
        tries += node.send()
        node.clock.advance(minutes=20)
    mail = node.mail(mail_id)
    assert mail.status == "failed"
    assert mail.status_text.startswith(f"given up after {tries} tries: desk@example.com: 451")
    assert 3 <= tries <= 5


def test_a_refusal_for_good_is_not_tried_again(node: Node) -> None:
    node.postbox.to["desk@example.com"] = "550 unknown"
    mail_id = node.queue()
    assert node.send() == 1
    node.clock.advance(days=1)
    assert node.send() == 0
    assert node.mail(mail_id).status == "failed"
    assert node.mail(mail_id).status_text == "desk@example.com: 550 unknown"


def test_who_was_refused_for_now_is_tried_again_alone(node: Node) -> None:
    node.postbox.to = {"b@example.com": "450 greylisted", "c@example.com": "550 unknown"}
    mail_id = node.queue(to=["a@example.com", "b@example.com", "c@example.com"])
    node.send()
    assert node.mail(mail_id).still_to == ["b@example.com"]
    node.postbox.to.clear()
    node.clock.advance(minutes=2)
    node.send()
    assert [one.recipients for one in node.postbox.came] == [["a@example.com"], ["b@example.com"]]
    assert node.mail(mail_id).status == "sent"


def test_a_mail_server_that_is_away_loses_nothing_and_costs_no_try(node: Node) -> None:
    right = node.server
    node.server = "127.0.0.1:1"
    mail_id = node.queue()
    with pytest.raises(Unavailable, match="does not answer"):
        node.send()
    mail = node.mail(mail_id)
    assert (mail.status, mail.tries) == ("waiting", 0)
    assert "127.0.0.1:1 does not answer" in mail.status_text
    node.server = right
    assert node.send() == 1
    assert node.mail(mail_id).status == "sent"


def test_a_mail_that_the_server_cannot_bear_does_not_stop_the_next(node: Node) -> None:
    node.postbox.hangs_up = True
    bad = node.queue("bad")
    worker = node.worker()
    taken = iter([False, True])
    worker.stops = lambda: next(taken)
    assert worker.send_due() == 1
    node.postbox.hangs_up = False
    good = node.queue("good")
    assert node.send() == 1
    assert node.subjects() == ["News: good"]
    assert node.mail(good).status == "sent"
    assert "left in the middle" in node.mail(bad).status_text
    node.clock.advance(minutes=2)
    assert node.send() == 1
    assert node.mail(bad).status == "sent"


class Dying(Worker):
    """A worker that is killed when it has taken a mail."""

    def _send(self, _opened: ExitStack, _mail: Claimed) -> None:
        raise KeyboardInterrupt


def test_a_mail_whose_sender_died_is_sent_after_the_lease(node: Node) -> None:
    mail_id = node.queue()
    worker = Dying(engine=node.engine, config=node.config, types=node.types, clock=node.clock)
    with pytest.raises(KeyboardInterrupt):
        worker.send_due()
    assert node.send() == 0
    node.clock.advance(minutes=11)
    assert node.send() == 1
    assert node.mail(mail_id).status == "sent"


def test_many_mails_go_over_one_connection(node: Node) -> None:
    for number in range(8):
        node.queue(str(number))
    assert node.send() == 8
    assert node.postbox.connections == 1
    assert len(node.postbox.came) == 8


def test_addresses_beyond_ascii_go_where_the_server_takes_them(node: Node) -> None:
    mail_id = node.queue("Grüße 日本", to=["Jörg <jörg@exämple.com>", "a@example.com"])
    node.send()
    (came,) = node.postbox.came
    assert came.recipients == ["jörg@exämple.com", "a@example.com"]
    assert came.subject == "News: Grüße 日本"
    assert came.message["To"] == "Jörg <jörg@exämple.com>, a@example.com"
    assert node.mail(mail_id).status == "sent"


def test_where_the_server_does_not_take_them_the_mail_says_so(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtplib.SMTP.has_extn", lambda _smtp, _name: False)
    mail_id = node.queue(to=["jörg@example.com"])
    node.send()
    assert node.mail(mail_id).status == "failed"
    assert "takes no addresses beyond ASCII" in node.mail(mail_id).status_text


def test_workers_side_by_side_send_each_mail_once(node: Node) -> None:
    ids = {node.queue(str(number)) for number in range(24)}
    with ThreadPoolExecutor(3) as pool:
        tried = sum(pool.map(lambda worker: worker.send_due(), [node.worker() for _ in range(3)]))
    assert tried == 24
    came = [str(one.message["Message-ID"]) for one in node.postbox.came]
    assert sorted(came) == sorted(f"<{one}@shop.example>" for one in ids)


def test_a_mail_that_cannot_be_written_fails_alone(node: Node) -> None:
    broken = replace(NEWS, key="broken")
    node.add_type(broken, "<p>${nothing_of_the_kind}</p>")
    bad = node.queue(type_=broken)
    good = node.queue()
    assert node.send() == 1
    assert node.mail(bad).status == "failed"
    assert node.mail(bad).status_text.startswith("NameError: nothing_of_the_kind")
    assert node.mail(good).status == "sent"


def test_a_type_that_this_release_does_not_know_waits(node: Node) -> None:
    unknown = replace(NEWS, key="gone")
    mail_id = node.queue(type_=unknown)
    assert node.send() == 0
    assert node.mail(mail_id).status_text == "this node has no such email type"
    node.add_type(unknown)
    node.clock.advance(hours=1)
    assert node.send() == 1
