# SPDX-License-Identifier: Apache-2.0
"""Who gets a mail, and what people set for its type."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from poser.db import transaction
from poser.mail.per_type import set_for, settled
from poser.mail.recipients import BadRecipient
from poser.mail.subjects import BadSubject
from poser.model import EmailAddress, Person, User, UserRole
from tests.db.mail.conftest import NEWS, Node

pytestmark = pytest.mark.postgresql


def add_user(node: Node, name: str, *addresses: str, role: str = "", active: bool = True) -> None:
    with transaction(node.engine) as session:
        person = Person(display_name=name.title())
        session.add(person)
        session.flush()
        for ordinal, one in enumerate(addresses, 1):
            session.add(EmailAddress(person_id=person.id, address=one, ordinal=ordinal))
        user = User(name=name, full_name=name.title(), person_id=person.id, is_active=active)
        if role:
            found = session.query(UserRole).filter_by(name=role).one_or_none()
            user.user_roles.append(found or UserRole(name=role))
        session.add(user)


def put(node: Node, **values: object) -> None:
    with transaction(node.engine) as session:
        set_for(session, NEWS, values)


def recipients(node: Node) -> list[list[str]]:
    return [one.recipients for one in node.postbox.came]


def test_a_user_gets_it_at_the_first_address_that_works(node: Node) -> None:
    add_user(node, "anna", "old@example.com", "anna@example.com")
    with transaction(node.engine) as session:
        session.execute(text("UPDATE email_addresses SET is_invalid = true WHERE ordinal = 1"))
    node.queue(to=["user:Anna"])
    node.send()
    assert recipients(node) == [["anna@example.com"]]
    assert node.postbox.came[0].message["To"] == "Anna <anna@example.com>"


def test_everybody_active_with_a_user_role_gets_it_once(node: Node) -> None:
    add_user(node, "anna", "anna@example.com", role="Buyers")
    add_user(node, "bert", "bert@example.com", role="Buyers")
    add_user(node, "carl", "carl@example.com", role="Buyers", active=False)
    add_user(node, "dora", role="Buyers")
    mail_id = node.queue(to=["role:Buyers", "Anna Berg <ANNA@example.com>"])
    node.send()
    assert recipients(node) == [["anna@example.com", "bert@example.com"]]
    assert node.mail(mail_id).status_text == "no address of email: dora; 250 taken"


@pytest.mark.parametrize(
    ("to", "why"),
    [("user:nemo", "nobody active is user nemo"), ("role:None", "nobody active is user role None")],
)
def test_a_mail_that_nobody_gets_is_kept_and_says_so(node: Node, to: str, why: str) -> None:
    mail_id = node.queue(to=[to])
    assert node.send() == 0
    assert node.mail(mail_id).status == "not_sent"
    assert node.mail(mail_id).status_text == f"nobody gets it: {why}"
    assert [one.status for one in node.attempts(mail_id)] == ["not_sent"]


def test_what_people_set_for_a_type_wins(node: Node) -> None:
    put(
        node,
        sender="Shop <shop@shop.example>",
        reply_to="answers@shop.example",
        recipients=["a@example.com"],
        cc=["c@example.com"],
        bcc=["secret@example.com"],
        subject="{count} of {what}",
    )
    node.queue()
    node.send()
    (came,) = node.postbox.came
    assert came.recipients == ["a@example.com", "c@example.com", "secret@example.com"]
    assert came.subject == "3 of rain"
    assert came.sender == "shop@shop.example"
    assert came.message["Reply-To"] == "answers@shop.example"
    assert came.message["Cc"] == "c@example.com"
    assert "secret" not in came.message.as_string()


def test_recipients_of_one_mail_leave_out_the_copies_of_its_type(node: Node) -> None:
    put(node, cc=["c@example.com"], bcc=["b@example.com"])
    node.queue(to=["only@example.com"])
    node.send()
    assert recipients(node) == [["only@example.com"]]


def test_a_type_that_is_switched_off_is_not_sent_and_not_forgotten(node: Node) -> None:
    put(node, is_enabled=False)
    mail_id = node.queue()
    assert node.send() == 0
    assert node.mail(mail_id).status_text == "its type is switched off"
    put(node, is_enabled=True)
    node.queue()
    assert node.send() == 1
    assert len(node.postbox.came) == 1


def test_with_mail_off_nothing_goes(node: Node) -> None:
    node.lines = ("enabled = no",)
    mail_id = node.queue()
    assert node.send() == 0
    assert node.mail(mail_id).status_text == "mail.enabled is off"


def test_for_trying_out_all_mail_goes_to_one_address(node: Node) -> None:
    node.lines = ("only_to = dev@example.com", "subject_prefix = [trial]")
    put(node, bcc=["b@example.com"])
    node.queue(to=["customer@example.com"])
    node.queue()
    node.send()
    assert recipients(node) == [["dev@example.com"]] * 2
    assert node.subjects() == ["[trial] News: rain"] * 2


def test_what_was_set_can_be_taken_back(node: Node) -> None:
    put(node, subject="Other: {what}", cc=["c@example.com"])
    with transaction(node.engine) as session:
        set_for(session, NEWS, {}, unset=("subject", "cc"))
        assert settled(session, node.config, NEWS).set == ()
        assert session.execute(text("SELECT count(*) FROM email_settings")).scalar_one() == 0


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"subject": "{waht}"}, BadSubject),
        ({"subject": "{what.__class__}"}, BadSubject),
        ({"subject": "{what!r}"}, BadSubject),
        ({"subject": "{what:>999999999}"}, BadSubject),
        ({"subject": "{what"}, BadSubject),
        ({"subject": "a\nBcc: x@example.com"}, BadSubject),
        ({"recipients": ["nobody at all"]}, BadRecipient),
        ({"sender": "a@example.com, b@example.com"}, BadRecipient),
    ],
)
def test_what_could_not_be_sent_is_refused(
    node: Node, values: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        put(node, **values)


def test_a_value_can_add_no_header_and_no_second_line(node: Node) -> None:
    node.queue("rain\r\nBcc: evil@example.com\n\nbody" + "x" * 5000)
    node.send()
    (came,) = node.postbox.came
    assert came.message["Bcc"] is None
    assert came.subject.startswith("News: rain Bcc: evil@example.com body")
    assert len(came.subject) == 200
    assert came.recipients == ["desk@example.com"]


def test_old_mail_is_swept_out_with_its_attempts(node: Node) -> None:
    old = node.queue(about="rain")
    node.queue(about="rain")
    node.send()
    node.clock.advance(days=80)
    young = node.queue()
    node.send()
    node.clock.now += timedelta(days=11)
    waiting = node.queue()
    assert node.worker().sweep() == 1
    with transaction(node.engine) as session:
        left = set(session.scalars(text("SELECT id FROM emails")))
        kept = set(session.scalars(text("SELECT email_id FROM email_attempts")))
    assert left == {young, waiting}
    assert old not in kept
