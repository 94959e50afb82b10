# SPDX-License-Identifier: Apache-2.0
"""What a program logs as an error becomes mail, however much it logs."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from sqlalchemy import select

from poser.db import transaction
from poser.mail import logged
from poser.mail.found import email_types
from poser.mail.logged import ErrorMail
from poser.model.mail import Email
from tests.db.mail.conftest import Node

pytestmark = pytest.mark.postgresql

log = logging.getLogger("shop.tills")


@pytest.fixture
def errors(node: Node) -> Iterator[ErrorMail]:
    made = ErrorMail(node.url, program="poser-web")
    made.start()
    yield made
    made.close()


def queued(node: Node) -> Sequence[Email]:
    with transaction(node.engine, read_only=True) as session:
        return session.scalars(select(Email).order_by(Email.queued_at)).all()


def until(condition: Callable[[], object], within_s: float = 30.0) -> None:
    give_up = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def fail(times: int = 1) -> None:
    for number in range(times):
        try:
            raise KeyError("gtin")  # noqa: TRY301 - what is logged
        except KeyError:
            log.exception("a till failed", extra={"till": number})


def test_an_error_becomes_a_mail_that_says_all_of_it(node: Node, errors: ErrorMail) -> None:
    assert errors.level == logging.ERROR
    fail()
    log.warning("not worth a mail")
    until(lambda: queued(node))
    node.types.update(email_types(()))
    assert node.send() == 1
    (came,) = node.postbox.came
    assert came.subject == "Error in poser-web: a till failed"
    assert came.recipients == ["root"]
    assert "KeyError: 'gtin'" in came.text
    assert "till  0" in came.text
    assert "shop.tills" in came.text


def test_a_storm_becomes_two_mails(node: Node, errors: ErrorMail) -> None:
    fail()
    until(lambda: queued(node))
    fail(3_000)
    errors.close()
    found = queued(node)
    assert sum(one.times for one in found) == 3_001
    assert len(found) <= 3
    node.types.update(email_types(()))
    node.send()
    node.clock.advance(minutes=11)
    node.send()
    assert len(node.postbox.came) <= 2
    assert "(3,00" in node.subjects()[-1]


def test_different_errors_are_told_apart(node: Node, errors: ErrorMail) -> None:
    fail()
    log.error("no paper in %s", "till 1")
    log.error("no paper in %s", "till 2")
    errors.close()
    assert len({one.about for one in queued(node)}) == 2


def test_errors_of_mail_itself_are_not_mailed(node: Node, errors: ErrorMail) -> None:
    logging.getLogger("poser.mail.claiming").error("mail cannot be written")
    logging.getLogger("poser.mailing").error("something else")
    errors.close()
    assert [one.data["logger"] for one in queued(node)] == ["poser.mailing"]


def test_while_the_database_is_away_errors_are_kept(
    node: Node, errors: ErrorMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logged, "_PAUSE_S", 0.05)
    with transaction(node.engine) as session:
        session.connection().exec_driver_sql("LOCK TABLE emails IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        fail(10)
        assert time.monotonic() - began < 1, "whoever logs does not wait"
        time.sleep(0.3)
    until(lambda: queued(node))
    errors.close()
    assert sum(one.times for one in queued(node)) == 10


def test_more_kinds_than_there_is_room_for_cost_no_memory(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logged, "MOST_KINDS", 10)
    made = ErrorMail(node.url, program="poser-web")
    logging.getLogger().addHandler(made)
    try:
        for number in range(50):
            log.error(f"error {number}")  # noqa: G004 - fifty different ones
        assert len(made._kinds) == 10
        assert made._lost == 40
    finally:
        logging.getLogger().removeHandler(made)
        made.close()
