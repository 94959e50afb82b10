# SPDX-License-Identifier: Apache-2.0
"""Settings in the browser: each value with its origin, changed, and taken back."""

import re

import pytest
from sqlalchemy import Engine, select

from poser.db import transaction
from poser.model import SettingRow
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person
from web.app import Wsgi

pytestmark = pytest.mark.postgresql

PAGE = "/settings/mail.keep_days"


def rows(engines: dict[str, Engine]) -> dict[str, str]:
    with transaction(engines["poser"], read_only=True) as session:
        return {row.name: row.value for row in session.scalars(select(SettingRow))}


def test_every_setting_is_listed_with_where_it_is_from(admin: Browser) -> None:
    assert admin.get("/settings").status_code == 200
    assert f'href="{PAGE}"' in admin.text
    assert "America/Chicago" in admin.text
    assert ">environment</span>" in admin.text
    assert ">default</span>" in admin.text
    admin.get("/settings?q=time_zone")
    assert "web.time_zone" in admin.text
    assert PAGE not in admin.text


def test_a_setting_is_changed_and_taken_back_and_both_are_known(
    admin: Browser, engines: dict[str, Engine]
) -> None:
    admin.get(PAGE)
    token = admin.token()
    assert admin.post(PAGE, {"csrf": token, "do": "save", "value": "123"}).status_code == 303
    assert rows(engines) == {"mail.keep_days": "123"}
    admin.get(PAGE)
    assert "<b>123</b>" in admin.text
    assert "<b>ada</b>" in admin.text
    assert admin.post(PAGE, {"csrf": token, "do": "revert"}).status_code == 303
    assert rows(engines) == {}
    admin.get(PAGE)
    assert "taken out" in admin.text


def test_a_value_that_cannot_be_is_refused_and_kept(
    admin: Browser, engines: dict[str, Engine]
) -> None:
    admin.get(PAGE)
    fields = {"csrf": admin.token(), "do": "save", "value": "for ever"}
    assert admin.post(PAGE, fields).status_code == 422
    assert 'value="for ever"' in admin.text
    assert rows(engines) == {}


def test_secrets_are_never_shown_and_never_written(
    admin: Browser, engines: dict[str, Engine]
) -> None:
    admin.get("/settings/db.url")
    of_the_setting = admin.text.partition("<main")[2]
    usual = r"postgresql\+psycopg2://\S*\?host=/run/postgresql"
    assert "postgresql" not in re.sub(usual, "", of_the_setting)
    fields = {"csrf": _token(admin), "do": "save", "value": "postgresql://x"}
    assert admin.post("/settings/db.url", fields).status_code == 422
    assert rows(engines) == {}


def test_seeing_is_not_changing(app: Wsgi, poser: Writer, engines: dict[str, Engine]) -> None:
    poser(add_person, "cleo", "settings.view")
    cleo = Browser(app)
    cleo.sign_in("cleo")
    cleo.get(PAGE)
    assert "New value" not in cleo.text
    fields = {"csrf": _token(cleo), "do": "save", "value": "5"}
    assert cleo.post(PAGE, fields).status_code == 403
    assert rows(engines) == {}
    assert cleo.get("/settings/no.such").status_code == 404


def _token(browser: Browser) -> str:
    browser.get("/")
    return browser.token()
