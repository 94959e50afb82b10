# SPDX-License-Identifier: Apache-2.0
"""Mail of a real node arrives in a real mailbox: outbox, service, socket, Postfix, local(8)."""

import mailbox
import time
from contextlib import closing
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from tests.support.shop import Shop

pytestmark = pytest.mark.lab
NAME = "post-1"
CLERK = "clerk"
QUEUED = (
    "runuser -u postgres -- psql -qAtd poser -c"
    " \"select coalesce(string_agg(status || ' ' || status_text, '; '), '') from emails\""
)


@pytest.fixture(scope="module")
def post(shop: Shop, built: str) -> Shop:
    """Give a store on which somebody has a mailbox."""
    shop.clone(built, NAME)
    shop.provision(NAME)
    shop.run(NAME, f"useradd --create-home {CLERK}")
    return shop


def arrived(shop: Shop, folder: Path, subject: str, within_s: float = 60.0) -> EmailMessage:
    """Wait for a mail in the clerk's mailbox."""
    give_up = time.monotonic() + within_s
    path = folder / "mbox"
    while time.monotonic() < give_up:
        path.write_text(shop.run(NAME, f"cat /var/mail/{CLERK} || true"), encoding="utf-8")
        with closing(mailbox.mbox(path)) as box:
            found = [
                message_from_bytes(one.as_bytes(), EmailMessage, policy=default) for one in box
            ]
        for message in found:
            assert isinstance(message, EmailMessage)
            if message["Subject"] == subject:
                return message
        time.sleep(0.5)
    raise AssertionError(f"it never came: {shop.run(NAME, QUEUED)}")


def test_a_trial_arrives_and_the_command_says_so(post: Shop, tmp_path: Path) -> None:
    said = post.run(NAME, f"poser mail send-test --recipient {CLERK}@localhost")
    assert said.startswith("sent: 250 2.0.0 Ok: queued as")
    message = arrived(post, tmp_path, f"Poser can send mail from {NAME}")
    assert message["From"] == f"Poser on {NAME} <poser@{NAME}.lab.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_body(("plain",))
    assert text is not None
    assert f"tried it on {NAME}" in text.get_content()
    assert post.run(NAME, "poser mail queue").strip() == "no mail waits"


def test_mail_that_was_queued_while_postfix_was_away_arrives(post: Shop, tmp_path: Path) -> None:
    post.run(NAME, "systemctl stop postfix; rm -f /var/spool/postfix/public/poser")
    said = post.run(
        NAME,
        f"poser mail send-test logged_errors --recipient {CLERK} --wait 2",
        may_fail=True,
    )
    assert "it still waits after 2 s: the mail server unix:" in said
    post.run(NAME, "systemctl start postfix")
    arrived(post, tmp_path, "Error in poser-web: a page failed", within_s=90)
