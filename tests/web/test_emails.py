# SPDX-License-Identifier: Apache-2.0
"""Email types in the browser: who gets which, how they look, a sample to oneself."""

import pytest
from sqlalchemy import Engine, select

from poser.db import transaction
from poser.feedback import give
from poser.ids import uuid7
from poser.importing.asked import Asked
from poser.importing.running import run
from poser.model.mail import Email, EmailSettings
from tests.support.importers import Vendors
from tests.support.importing import handler
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person
from web.app import Wsgi

pytestmark = pytest.mark.postgresql

PAGE = "/emails/import_changes"


def test_every_type_is_listed_with_who_gets_it(admin: Browser) -> None:
    assert admin.get("/emails").status_code == 200
    assert f'href="{PAGE}"' in admin.text
    assert "user_feedback" in admin.text
    assert ">root<" in admin.text


def test_a_preview_runs_nothing_and_stands_only_in_pages_of_ours(admin: Browser) -> None:
    admin.get(PAGE)
    assert '<iframe class="preview" sandbox=""' in admin.text
    result = admin.get(f"{PAGE}/preview")
    assert result.status_code == 200
    said = result.headers["content-security-policy"]
    for rule in ("default-src 'none'", "sandbox", "frame-ancestors 'self'"):
        assert rule in said
    assert "Chai & Friends <20 bags>" in admin.text


def test_a_mail_is_shown_as_it_would_be_for_a_real_record(
    admin: Browser, app: Wsgi, poser: Writer, engines: dict[str, Engine]
) -> None:
    records = [{"number": "7", "name": "Pavlova <b>", "terms": ""}]
    made = run(handler({"vendors": records}, Vendors), Asked(), {"poser": engines["poser"]})
    other = uuid7()
    admin.get(PAGE)
    assert f'<option value="{made.run_id}"' in admin.text
    admin.get(f"{PAGE}?record={made.run_id}")
    assert "test: 1 changes that nobody expected" in admin.text
    assert f"/preview?record={made.run_id}" in admin.text
    result = admin.get(f"{PAGE}/preview?record={made.run_id}")
    assert "Pavlova &lt;b&gt;" in result.text
    assert "Chai" not in result.text
    assert admin.get(f"{PAGE}?record={other}").status_code == 404
    assert admin.get(f"/emails/import_failed?record={made.run_id}").status_code == 404
    poser(add_person, "cleo", "emails.view")
    cleo = Browser(app)
    cleo.sign_in("cleo")
    cleo.get(PAGE)
    assert str(made.run_id) not in cleo.text
    assert cleo.get(f"{PAGE}/preview?record={made.run_id}").status_code == 404


def test_feedback_is_shown_as_its_mail(admin: Browser, poser: Writer) -> None:
    key = poser(lambda session: give(session, "The till is <i>slow</i>", page="/sales"))
    admin.get(f"/emails/user_feedback?record={key}")
    assert "The till is <i>slow</i>" in admin.text
    assert "something about /sales" in admin.text


def test_who_gets_a_mail_is_set_and_taken_back(admin: Browser, engines: dict[str, Engine]) -> None:
    admin.get(PAGE)
    token = admin.token()
    fields = {"csrf": token, "is_enabled": "yes", "recipients": "a@example.com, user:ada"}
    assert admin.post(PAGE, fields).status_code == 303
    with transaction(engines["poser"], read_only=True) as session:
        row = session.scalars(select(EmailSettings)).one()
        assert (row.recipients, row.is_enabled) == (["a@example.com", "user:ada"], None)
    admin.get("/emails")
    assert "a@example.com, user:ada" in admin.text
    assert admin.post(PAGE, {"csrf": token, "is_enabled": "yes"}).status_code == 303
    with transaction(engines["poser"], read_only=True) as session:
        assert session.scalars(select(EmailSettings)).all() == []


@pytest.mark.parametrize(
    ("field", "value"), [("recipients", "nobody at all"), ("subject", "{nothing}")]
)
def test_what_could_never_be_sent_is_refused_and_kept(
    admin: Browser, engines: dict[str, Engine], field: str, value: str
) -> None:
    admin.get(PAGE)
    fields = {"csrf": admin.token(), "is_enabled": "yes", field: value}
    assert admin.post(PAGE, fields).status_code == 422
    assert f'value="{value}"' in admin.text
    with transaction(engines["poser"], read_only=True) as session:
        assert session.scalars(select(EmailSettings)).all() == []


def test_a_sample_goes_to_whoever_asks(admin: Browser, engines: dict[str, Engine]) -> None:
    admin.get(PAGE)
    assert admin.post(f"{PAGE}/send", {"csrf": admin.token()}).status_code == 303
    with transaction(engines["poser"], read_only=True) as session:
        mail = session.scalars(select(Email)).one()
        assert (mail.key, mail.recipients) == ("import_changes", ["user:ada"])
    # A mail that was queued looks as it will be sent.
    assert admin.get(f"{PAGE}/preview?mail={mail.id}").status_code == 200
    assert admin.get(f"/emails/trial/preview?mail={mail.id}").status_code == 404


def test_seeing_is_not_changing(app: Wsgi, poser: Writer) -> None:
    poser(add_person, "cleo", "emails.view")
    cleo = Browser(app)
    cleo.sign_in("cleo")
    cleo.get(PAGE)
    fields = {"csrf": _token(cleo), "is_enabled": "yes"}
    assert cleo.post(PAGE, fields).status_code == 403
    assert cleo.post(f"{PAGE}/send", fields).status_code == 403
    assert cleo.get("/emails/nonsense").status_code == 404


def _token(browser: Browser) -> str:
    browser.get("/")
    return browser.token()
