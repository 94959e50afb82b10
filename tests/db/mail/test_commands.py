# SPDX-License-Identifier: Apache-2.0
"""`poser mail`: what people see and set, and what became of mail."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from poser.cli.app import run
from poser.db import transaction
from poser.mail import queue
from poser.mail.emails import LOGGED_ERRORS, TRIAL
from poser.mail.found import email_types
from poser.mail.history import retry, story_of
from tests.db.mail.conftest import Node

pytestmark = pytest.mark.postgresql

Mail = Callable[..., int]


@pytest.fixture
def mail(node: Node) -> Mail:
    return lambda *words: run(("-c", str(node.path), "mail", *words))


def test_it_lists_the_types_and_hides_the_hidden(
    mail: Mail, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mail("list") == 0
    shown = capsys.readouterr().out
    assert "logged_errors" in shown
    assert "trial" not in shown
    assert mail("list", "--all", "--json") == 0
    found = {one["key"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["trial"]["recipients"] == ["root"]


def test_what_is_set_is_seen_in_the_list_and_in_the_history(
    mail: Mail, node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--to", "role:Buyers", "--cc", "a@example.com", "--subject", "{message}!")
    assert mail("set", "logged_errors", *words, "--disabled") == 0
    said = capsys.readouterr().out
    assert said == "logged_errors: not sent, to role:Buyers, a@example.com: {message}!\n"
    mail("list")
    assert "logged_errors*" in capsys.readouterr().out
    assert mail("set", "logged_errors", "--unset", "enabled", "--unset", "to") == 0
    assert capsys.readouterr().out.startswith("logged_errors: sent, to root, a@example.com")
    with transaction(node.engine, read_only=True) as session:
        via = session.scalar(text("SELECT via FROM history_transactions ORDER BY at DESC LIMIT 1"))
    assert "mail set logged_errors --unset" in str(via)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("set", "logged_errors"), 2, "say what to set"),
        (("set", "logged_error", "--disabled"), 1, "did you mean logged_errors?"),
        (("set", "logged_errors", "--subject", "{mesage}"), 1, "did you mean {message}?"),
        (("set", "logged_errors", "--to", "nobody here"), 1, "is no address of email"),
        (("show", "0199b3a2-7d00-7e00-8000-000000000000"), 1, "there is no mail"),
    ],
)
def test_what_is_wrong_is_said(
    mail: Mail, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, says: str
) -> None:
    assert mail(*words) == code
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("key", sorted(email_types(())))
def test_every_type_can_be_looked_at(
    mail: Mail, capsys: pytest.CaptureFixture[str], tmp_path: Path, key: str
) -> None:
    assert mail("preview", key) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Subject: ")
    tells = f"email type {key}" in " ".join(shown.split())
    assert tells is not email_types(())[key].type.is_for_customers
    assert mail("preview", key, "--to", str(tmp_path / "page.html")) == 0
    page = (tmp_path / "page.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "${" not in page


def test_send_test_says_what_became_of_it(
    mail: Mail, node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mail("send-test", "--recipient", "anna@example.com", "--wait", "0") == 1
    assert "systemctl status poser-mail" in capsys.readouterr().out
    node.types.update(email_types(()))
    assert node.send() == 1
    assert node.postbox.came[0].recipients == ["anna@example.com"]
    assert "tried it on shop" in node.postbox.came[0].text
    assert mail("send-test", "--wait", "0", "nonsense") == 1
    assert "there is no email type" in capsys.readouterr().err


def test_the_queue_says_why_mail_waits_and_retry_sends_it(
    mail: Mail, node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    node.types.update(email_types(()))
    node.postbox.to["root"] = "550 no such mailbox"
    with transaction(node.engine) as session:
        mail_id = queue(session, TRIAL, data=TRIAL.sample)
    node.send()
    assert mail("queue") == 0
    shown = capsys.readouterr().out
    assert "failed" in shown
    assert "root: 550 no such mailbox" in shown
    assert mail("set", "trial", "--to", "anna@example.com") == 0
    assert mail("retry", str(mail_id)) == 0
    assert node.send() == 1
    assert node.postbox.came[0].recipients == ["anna@example.com"]
    capsys.readouterr()
    assert mail("queue", "--status", "sent", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["id"], one["status"], one["tries"]) == (str(mail_id), "sent", 1)
    assert mail("show", str(mail_id)) == 0
    shown = capsys.readouterr().out
    assert "failed  root: root: 550 no such mailbox" in shown
    assert "sent  anna@example.com: 250 taken" in shown
    assert "To: anna@example.com" in shown
    assert "Poser can send mail\n===" in shown
    assert mail("retry", str(mail_id)) == 1
    assert "was sent already" in capsys.readouterr().err


def test_a_retry_takes_along_what_went_with_it(node: Node) -> None:
    node.types.update(email_types(()))
    node.postbox.to["root"] = "550 no such mailbox"
    with transaction(node.engine) as session:
        ids = [
            queue(session, LOGGED_ERRORS, data=LOGGED_ERRORS.sample, about="x") for _ in range(3)
        ]
    node.send()
    assert [node.mail(one).status for one in ids] == ["failed", "joined", "joined"]
    node.postbox.to.clear()
    with transaction(node.engine) as session:
        retry(session, ids[0])
    node.send()
    assert sorted(node.mail(one).status for one in ids) == ["joined", "joined", "sent"]
    assert "stands for 3" in node.postbox.came[0].text
    with transaction(node.engine, read_only=True) as session:
        assert story_of(session, ids[2]).text == story_of(session, ids[0]).text != ""
