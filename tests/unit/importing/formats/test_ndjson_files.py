# SPDX-License-Identifier: Apache-2.0
"""NDJSON is read line by line; what is no object is kept aside by its line."""

from decimal import Decimal
from pathlib import Path

import pytest

from poser.errors import ImportFailed
from poser.importing.fields import Field
from poser.importing.formats.ndjson_files import NdjsonSource
from poser.importing.importer import Importer, Made, Record
from poser.importing.source import Bad, Item
from poser.model.products import Product

IMPORTER = Made(model=Product, key=("gtin",), fields=(Field("gtin"),)).importer()


def read(
    folder: Path, content: str, importer: Importer = IMPORTER
) -> tuple[tuple[str, ...], list[Item]]:
    path = folder / "products.ndjson"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    with NdjsonSource(str(path)) as source:
        rows = source.rows(importer)
        return rows.names, list(rows.items)


def test_values_keep_their_types_and_inner_ones_have_names_with_points(tmp_path: Path) -> None:
    names, items = read(
        tmp_path,
        '{"gtin": 1, "price": 1.10, "department": {"number": 7}, "new": true}\n\n'
        '{"gtin": 2, "department": null}\n',
    )
    assert names == ("gtin", "price", "department", "department.number", "new")
    assert items == [
        (1, [1, Decimal("1.10"), {"number": 7}, 7, True]),
        (3, [2, None, None, None, None]),
    ]


def test_what_is_no_object_is_kept_aside(tmp_path: Path) -> None:
    deep = "[" * 100_000
    _, items = read(
        tmp_path,
        '{"gtin": 1}\n{"gtin": 2\n3\n{"gtin": NaN}\n' + deep + '\n{"gtin": 4}\n{"a": 1, "a": 2}\n',
    )
    assert [one.place if isinstance(one, Bad) else one for one in items] == [
        (1, [1]), 2, 3, 4, 5, (6, [4]), 7,
    ]  # fmt: skip
    assert [one.reason for one in items if isinstance(one, Bad)] == [
        "is no JSON: Expecting ',' delimiter at 11",
        "is no JSON object, such as {...}",
        "has NaN, which is no number in JSON",
        "is nested too deeply",
        "has 'a' more than once",
    ]


def test_one_list_is_no_ndjson(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="line 1: is one JSON list") as error:
        read(tmp_path, '[{"gtin": 1}]\n')
    assert "jq" in error.value.hint


def test_a_field_with_a_default_may_come_late_or_never(tmp_path: Path) -> None:
    fields = (Field("gtin"), Field("size", default="none"))
    importer = Made(model=Product, key=("gtin",), fields=fields).importer()
    lines = ['{"gtin": 1}'] * 1500 + ['{"gtin": 2, "size": "1 l"}']
    names, items = read(tmp_path, "\n".join(lines), importer)
    assert names == ("gtin", "size")
    assert items[-1] == (1501, [2, "1 l"])


class Normalized(Importer):
    """Products that a program looks at."""

    model = Product
    key = ("gtin",)
    fields = (Field("gtin"),)

    def normalize(self, record: Record) -> Record | None:
        return record


def test_a_program_sees_every_value_or_is_told(tmp_path: Path) -> None:
    lines = ['{"gtin": 1, "a": {"b": 2}}'] * 1500 + ['{"gtin": 2, "is_deleted": true}']
    names, items = read(tmp_path, "\n".join(lines), Normalized())
    assert names == ("gtin", "a", "a.b")
    reason = "has is_deleted, which none of the first 1000 records has"
    assert items[-1] == Bad(1501, reason)
