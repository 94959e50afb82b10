# SPDX-License-Identifier: Apache-2.0
"""Every resource's forms and records open, whatever kinds of columns its table has."""

from sqlalchemy import select

from poser.db import transaction
from tests.web.conftest import Browser, Shop
from tests.web.filling import fields_of
from web.resources import Resource, Verb


def resources(shop: Shop) -> list[Resource]:
    return sorted(shop.site.resources.values(), key=lambda each: each.path)


def test_every_form_of_a_new_record_opens(shop: Shop, ada: Browser) -> None:
    offered = [each for each in resources(shop) if Verb.CREATE in each.can]
    assert len(offered) > 20
    for resource in offered:
        page = ada.get(f"{resource.path}/new")
        assert page.status_code == 200, (resource.path, ada.text)
        fields = fields_of(page.text)
        missing = [
            name
            for name, field in resource.form.items()
            if field.is_required and not field.is_read_only and f"was.{name}" not in fields
        ]
        assert not missing, (resource.path, missing)


def test_every_record_that_there_is_opens_with_its_form_and_history(
    shop: Shop, ada: Browser
) -> None:
    opened = 0
    for resource in resources(shop):
        with transaction(shop.site.engines[resource.database], read_only=True) as session:
            key = session.scalars(select(resource.table.c.id).limit(1)).first()
        if key is None:
            continue
        parts = ["", "/edit" if Verb.EDIT in resource.can else ""]
        parts += ["/history"] if resource.has_history else []
        for part in dict.fromkeys(parts):
            path = resource.record_path(key) + part
            assert ada.get(path).status_code == 200, (path, ada.text)
            opened += 1
    assert opened > 20


def test_every_list_to_choose_from_answers(shop: Shop, ada: Browser) -> None:
    for resource in resources(shop):
        for words in ("", "a", "085000", "O'Brien %_\\", "x" * 200):
            answer = ada._ask("GET", f"{resource.path}/choose?q={words.replace('%', '%25')}")
            assert answer.status_code == 200, (resource.path, words)
            assert len(answer.json["matches"]) <= 20
