# SPDX-License-Identifier: Apache-2.0
"""HTML and formulas in every text of every table stay text: on pages, in the API, in files."""

import csv
import io
import re
from zipfile import ZipFile

import pytest
from sqlalchemy import String, Table, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.importing.formats.formulas import with_apostrophe
from poser.model import User
from tests.web.conftest import Browser, Writer
from tests.web.rows import add_row
from tests.web.test_escaping import LINK, MARK, live
from web.resources import Resource, Verb
from web.site import Site

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1")
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
OK = 200
NOT_FILLED = {"stock_levels", "sign_in_events"}
"""Written by the ledger and by the door alone; each has no text that somebody types."""


def texts_of(table: Table) -> list[str]:
    """Name the columns that hold whatever somebody wrote."""
    return [
        column.name
        for column in table.c
        if isinstance(column.type, String) and not column.foreign_keys and column.computed is None
    ]


def write(session: Session, table: Table, words: str) -> list[str]:
    """Write some words into every text of one new row; give its id and the columns with them."""
    ada = session.scalars(select(User.id).where(User.name == "ada")).one()
    of_users = [
        c.name for c in table.c if any(k.column.table.name == "users" for k in c.foreign_keys)
    ]
    mine = dict.fromkeys(of_users, ada)
    key = add_row(session, table, **mine)
    taken = []
    for column in texts_of(table):
        update = f"UPDATE {table.name} SET {column} = :words WHERE id = :key"  # noqa: S608
        try:
            with session.begin_nested():
                session.execute(text(update), {"words": words, "key": key})
        except DBAPIError:  # a rule of the table says what it may be
            continue
        taken.append(column)
    return [str(key), *taken]


@pytest.fixture
def filled(site: Site, admin: Browser) -> list[Resource]:  # noqa: ARG001 - signed in before
    """List the resources whose rows have text."""
    found = [
        each
        for each in site.resources.values()
        if each.database == "poser" and texts_of(each.table) and each.table.name not in NOT_FILLED
    ]
    assert len(found) > 40
    return sorted(found, key=lambda each: each.path)


def columns_of(resource: Resource) -> str:
    """Name every column that a grid can show, as its address does."""
    return ",".join(column.name for column in (*resource.grid.columns, *resource.grid.more))


def pages_of(resource: Resource, key: str) -> list[str]:
    """List the pages that show what a row holds."""
    cols = columns_of(resource)
    verbs = {"edit": Verb.EDIT, "copy": Verb.CREATE, "history": Verb.HISTORY}
    parts = [part for part, verb in verbs.items() if resource.offers(verb)]
    path = f"{resource.path}/{key}"
    return [path, f"{resource.path}?cols={cols}", *(f"{path}/{part}" for part in parts)]


def test_html_in_every_text_of_every_table_stays_text(
    admin: Browser, poser: Writer, filled: list[Resource]
) -> None:
    looked_at = 0
    for resource in filled:
        key, *taken = poser(write, resource.table, MARK + LINK)
        for path in pages_of(resource, key):
            answer = admin.get(path)
            assert answer.status_code == OK, path
            parsed = live(answer.text)
            assert parsed.found == [], path
            looked_at += parsed.marks > 0
        if not taken:
            continue
        answer = admin.get(f"/api/v1{resource.path}/{key}")
        assert answer.headers["content-type"].startswith("application/json"), resource.path
    assert looked_at > 2 * len(filled), "the pages show no mark: the test looks at nothing"


def test_formulas_in_every_text_of_every_table_are_none_in_files(
    admin: Browser, poser: Writer, filled: list[Resource]
) -> None:
    seen = 0
    for number, resource in enumerate(filled):
        formula = FORMULAS[number % len(FORMULAS)]
        _key, *taken = poser(write, resource.table, formula)
        cols = columns_of(resource)
        answer = admin.get(f"{resource.path}.csv?cols={cols}")
        assert answer.status_code == OK, resource.path
        cells = [
            cell for row in csv.reader(io.StringIO(answer.text[1:], newline="")) for cell in row
        ]
        started = {cell for cell in cells if cell.startswith(STARTS) and not NUMBER.fullmatch(cell)}
        assert not started, (resource.path, started)
        harmless = [cell for cell in cells if cell == with_apostrophe(formula)]
        seen += bool(taken and harmless)
        book = admin._ask("GET", f"{resource.path}.xlsx?cols={cols}").content
        with ZipFile(io.BytesIO(book)) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert not re.search(r"<f[ >/]", sheet), resource.path
    assert seen > len(filled) * 0.8, "the files show no formula: the test looks at nothing"
