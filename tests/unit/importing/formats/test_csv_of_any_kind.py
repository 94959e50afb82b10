# SPDX-License-Identifier: Apache-2.0
"""Whatever texts a CSV file has, they are read as they were written."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from poser.importing.fields import Field
from poser.importing.formats.csv_files import CsvSource
from poser.importing.formats.csv_reading import CsvOptions
from poser.importing.importer import Made
from poser.model.products import Product

IMPORTER = Made(model=Product, key=("gtin",), fields=(Field("gtin"),)).importer()
_TEXT = st.text(
    st.one_of(
        st.sampled_from("\"'\\,;\t|\n\r =-é"),
        st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
    ),
    max_size=12,
)


@given(
    st.lists(st.lists(_TEXT, min_size=2, max_size=2), max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
@example([["a\\", 'b"']], ",", "utf-8", "\n")
@example([['\\"', '"\\'], ['\\""', "x"]], ";", "utf-16", "\r\n")
def test_texts_are_read_as_they_were_written(
    rows: list[list[str]], delimiter: str, encoding: str, end: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator=end)
    writer.writerows([["gtin", "name"], *rows])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "products.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        options = CsvOptions(delimiter=delimiter, raw=True)
        with CsvSource(str(path), options) as source:
            found = source.rows(IMPORTER)
            assert found.names == ("gtin", "name")
            items = [item[1] for item in found.items]
    assert items == [row for row in rows if any(row)]
