# SPDX-License-Identifier: Apache-2.0
"""Every table has its pages: declarations that fit the model, grids and records that open."""

from tests.web.conftest import Browser, Shop
from web.resources import Resource


def resources(shop: Shop) -> list[Resource]:
    return list(shop.site.resources.values())


def test_every_grid_opens(shop: Shop, ada: Browser) -> None:
    for resource in resources(shop):
        assert ada.get(resource.path).status_code == 200, resource.path
        assert ada.get(resource.path + ".csv").status_code == 200, resource.path


def test_declarations_name_what_there_is(shop: Shop) -> None:
    tables = shop.site.resources
    for resource in resources(shop):
        columns = resource.table.c
        names = {name for section in resource.all_sections for name in section.fields}
        assert names <= set(columns.keys()), resource.path
        assert set(resource.fields) <= names, resource.path
        assert {*resource.guarded, *resource.guarded_edit} <= set(columns.keys()), resource.path
        assert resource.label in columns, resource.path
        assert not resource.store or resource.store.split(".")[0] in columns, resource.path
        assert resource.about.endswith("."), resource.path
        assert resource.empty.endswith("."), resource.path
        for related in resource.related:
            assert related.by in tables[related.table].table.c, (resource.path, related.table)


def test_records_refer_only_to_tables_with_pages(shop: Shop) -> None:
    tables = shop.site.resources
    for resource in resources(shop):
        for field in resource.form.values():
            known = not field.refers_to or field.refers_to in {*tables, "users"}
            assert known, (resource.path, field.name)
