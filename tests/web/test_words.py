# SPDX-License-Identifier: Apache-2.0
"""What pages say of tables is in a clerk's words: no commands, no names of tables or columns."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.dialects.postgresql import Range

from tests.web.conftest import Browser, Shop, Writer
from tests.web.factories import add_person
from web.formats import span
from web.resources import Resource
from web.resources.words import help_of, label_of

RAW = re.compile(r"\w_\w|`|\bposer [a-z]|\bISO\b|\bIANA\b|\bBCP\b|\(UTC\)|\bsee [A-Z][a-z]+[A-Z]")
SYSADMINS = {"/imports", "/batches", "/upgrades"}
"""Pages of who keeps the node: they may name what programs are called."""


def _said(resource: Resource) -> Iterator[str]:
    yield from (resource.title, resource.one, resource.many, resource.about, resource.empty)
    yield resource.search_hint
    yield from (section.title for section in resource.all_sections)
    for field in resource.form.values():
        yield from (field.label, field.help, *(option.label for option in field.options))
    yield from (column.label for column in (*resource.grid.columns, *resource.grid.more))


def test_every_resource_says_what_it_is_and_what_to_do_without_rows(shop: Shop) -> None:
    assert len(shop.site.resources) > 50
    for resource in shop.site.resources.values():
        assert resource.about.endswith("."), resource.path
        assert resource.empty.endswith("."), resource.path
        assert resource.title, resource.path
        labels = [field.label for field in resource.form.values()]
        assert len(labels) == len(set(labels)), (resource.path, labels)


def test_nothing_is_said_in_the_words_of_programs(shop: Shop) -> None:
    raw = {
        (resource.path, words)
        for resource in shop.site.resources.values()
        if resource.path not in SYSADMINS
        for words in _said(resource)
        if RAW.search(words)
    }
    assert raw == set()


def test_raw_words_would_be_noticed() -> None:
    for words in ("Run `poser import csv`", "In unit_id.", "Sold (UTC).", "see SignInKind."):
        assert RAW.search(words), words


def test_where_nothing_is_yet_those_who_may_are_led_to_the_imports(
    stranger: Browser, poser: Writer
) -> None:
    poser(add_person, "ada", admin=True)
    poser(add_person, "sam", "products.view", "pos_transactions.view", "vendors.view")
    for name, led in (("ada", True), ("sam", False)):
        stranger.cookies.clear()
        stranger.sign_in(name)
        for path in ("/products", "/pos-transactions", "/vendors"):
            page = stranger.get(path).text.partition('<section class="nothing"')[2]
            assert ('href="/imports/start"' in page) is led, (name, path)
        if led:
            narrowed = stranger.get("/vendors?q=zzz").text.partition("nothing")[2]
            assert "Clear search and filters" in narrowed
            assert 'class="button" href="/imports/start"' not in narrowed


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("gtin", "Barcode"),
        ("plu", "PLU"),
        ("at", "When"),
        ("is_active_at_till", "Active at till"),
        ("lead_time_days", "Lead time, days"),
        ("height_mm", "Height, mm"),
        ("ordinal", "Position"),
    ],
)
def test_labels_are_made_of_names(name: str, label: str) -> None:
    assert label_of(name) == label


@pytest.mark.parametrize(
    ("comment", "words", "said"),
    [
        ("When it was ordered (UTC).", [], "When it was ordered."),
        ("current or former.", ["current", "former"], ""),
        ("What answers: mobile, home or other.", ["mobile", "home", "other"], "What answers."),
        ("How many of unit_id.", [], "How many, in the unit beside it."),
        ("The vendor.", [], "The vendor."),
    ],
)
def test_what_the_model_says_is_said_plainly(comment: str, words: list[str], said: str) -> None:
    assert help_of(comment, words) == said


CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 1, 18, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 2, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (Range(NOON, None, bounds="[)"), "from 2026-11-01 12:00"),
        (Range(NOON, MIDNIGHT, bounds="[)"), "2026-11-01 12:00 to 2026-11-02"),
        (Range(date(2026, 11, 1), date(2026, 11, 8), bounds="[)"), "2026-11-01 to 2026-11-07"),
        (Range(None, date(2026, 11, 8), bounds="[)"), "to 2026-11-07"),
        (Range(None, None, bounds="[)"), "always"),
    ],
)
def test_spans_are_written_as_people_say_them(value: object, said: str) -> None:
    assert span(value, CHICAGO) == said


def test_grids_and_related_rows_write_spans_and_marks(shop: Shop, ada: Browser) -> None:
    page = ada.get("/prices").text
    assert "+00:00" not in page
    assert ">from 2" in page
    product = ada.get(f"/departments/{shop.products[4].department_id}").text
    assert ">no</td>" not in product
