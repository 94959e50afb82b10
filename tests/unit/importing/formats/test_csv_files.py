# SPDX-License-Identifier: Apache-2.0
"""CSV files of any dialect and encoding are read; what is wrong in them is kept aside by line."""

import gzip
import io
import sys
from pathlib import Path

import pytest

from poser.errors import ImportFailed
from poser.importing.fields import Field
from poser.importing.formats import csv_records, text_lines
from poser.importing.formats.csv_files import CsvSource
from poser.importing.formats.csv_reading import CsvOptions
from poser.importing.importer import Made
from poser.importing.source import Bad, Item
from poser.model.products import Product

IMPORTER = Made(model=Product, key=("gtin",), fields=(Field("gtin"),)).importer()
GOOD = "gtin,description,size\n1,Milk,1 l\n2,Bread,500 g\n"
RECORDS = [(2, ["1", "Milk", "1 l"]), (3, ["2", "Bread", "500 g"])]


def read(
    folder: Path, content: str | bytes, options: CsvOptions | None = None
) -> tuple[tuple[str, ...], list[Item], str]:
    """Write and read a file: the names, the records, and what was found out about it."""
    path = folder / "products.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with CsvSource(str(path), options) as source:
        rows = source.rows(IMPORTER)
        items = list(rows.items)
        return rows.names, items, "\n".join(source.notes())


def reasons(items: list[Item]) -> list[tuple[object, str]]:
    return [(one.place, one.reason) for one in items if isinstance(one, Bad)]


def good(items: list[Item]) -> list[Item]:
    return [one for one in items if not isinstance(one, Bad)]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8 (all of it is valid, such as Käse)"),
        ("utf-8-sig", "utf-8 (by its byte-order mark, such as Käse)"),
        ("utf-16", "utf-16-le (by its byte-order mark, such as Käse)"),
        ("utf-16-be", "utf-16-be (by its zero bytes, such as Käse)"),
        ("utf-32", "utf-32-le (by its byte-order mark, such as Käse)"),
        ("cp1252", "cp1252 (guessed from its letters; --encoding says another, such as Käse)"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_encoding_and_the_line_ends_are_found_out(
    tmp_path: Path, encoding: str, found: str, end: str
) -> None:
    text = "gtin;description\n1;Milch\n2;Süße Äpfel\n3;Brötchen mit Käse\n"
    text = text.replace("Süße Äpfel", "Käse, süß")
    names, items, notes = read(tmp_path, text.replace("\n", end).encode(encoding))
    assert names == ("gtin", "description")
    assert items == [
        (2, ["1", "Milch"]), (3, ["2", "Käse, süß"]), (4, ["3", "Brötchen mit Käse"]),
    ]  # fmt: skip
    assert f"encoding {found}; semicolons between values" in notes


def test_other_letters_far_down_in_a_file_are_found_too(tmp_path: Path) -> None:
    lines = [f"{number},Milk" for number in range(100_000)] + ["100000,Käse", "100001,Müsli"]
    text = "gtin,description\n" + "\n".join(lines)
    _, items, notes = read(tmp_path, text.encode("cp1252"))
    assert items[-2:] == [(100_002, ["100000", "Käse"]), (100_003, ["100001", "Müsli"])]
    assert "cp1252 (guessed" in notes


def test_an_encoding_that_was_said_is_taken(tmp_path: Path) -> None:
    text = "gtin,description\n1,Żółty ser\n"
    options = CsvOptions(encoding="cp1250")
    assert read(tmp_path, text.encode("cp1250"), options)[1] == [(2, ["1", "Żółty ser"])]
    with pytest.raises(ImportFailed, match="there is no encoding 'utf-9'"):
        read(tmp_path, text, CsvOptions(encoding="utf-9"))
    with pytest.raises(ImportFailed, match="line 3 or soon after: is not utf-16"):
        read(tmp_path, (text + "x").encode("utf-16-le")[:-1], CsvOptions(encoding="utf-16-le"))


def test_lines_that_are_no_text_in_the_encoding_are_kept_aside(tmp_path: Path) -> None:
    content = b"gtin,description\n1,K\xc3\xa4se\n2,M\xfcsli\n3,Milk\n"
    _, items, _ = read(tmp_path, content, CsvOptions(encoding="utf-8"))
    assert good(items) == [(2, ["1", "Käse"]), (4, ["3", "Milk"])]
    assert items[1] == Bad(3, "is not utf-8: the byte 0xFC at 4", value=r"2,M\xfcsli")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    text = GOOD.replace(",", delimiter).replace("Bread", '"Bread, ""fresh""; 1|2\t3"')
    names, items, _ = read(tmp_path, text)
    assert names == ("gtin", "description", "size")
    assert items[1] == (3, ["2", 'Bread, "fresh"; 1|2\t3', "500 g"])


def test_other_ways_of_writing_csv_are_found_out(tmp_path: Path) -> None:
    assert read(tmp_path, "sep=;\r\ngtin;name\r\n1;a,b\r\n")[1] == [(3, ["1", "a,b"])]
    assert read(tmp_path, "a,b\n'1','it''s, two'\n'2','x'\n")[1][0] == (2, ["1", "it's, two"])
    assert read(tmp_path, 'a,b\n"1","a \\"b\\", c"\n')[1] == [(2, ["1", 'a "b", c'])]
    assert read(tmp_path, 'a, b\n1, "x, y"\n')[1] == [(2, ["1", "x, y"])]
    assert read(tmp_path, "gtin\n1\n2\n")[1] == [(2, ["1"]), (3, ["2"])]
    assert read(tmp_path, "gtin;name\n1;2,5\n3;4,5\n")[1][0] == (2, ["1", "2,5"])


def test_a_delimiter_that_was_said_is_taken(tmp_path: Path) -> None:
    assert read(tmp_path, "a:b\n1:2\n", CsvOptions(delimiter=":"))[1] == [(2, ["1", "2"])]
    assert read(tmp_path, "a\tb\n1\t2\n", CsvOptions(delimiter="tab"))[0] == ("a", "b")
    with pytest.raises(ImportFailed, match="'ab' cannot stand between values"):
        read(tmp_path, "a", CsvOptions(delimiter="ab"))


def test_columns_that_were_said_need_no_header(tmp_path: Path) -> None:
    names, items, _ = read(tmp_path, "1,Milk\n", CsvOptions(columns=("gtin", "description")))
    assert (names, items) == (("gtin", "description"), [(1, ["1", "Milk"])])


def test_values_over_several_lines_have_the_line_that_they_begin_in(tmp_path: Path) -> None:
    text = 'gtin,note\r\n1,"one\r\ntwo"\r\n2,x\r\n3,"\r\n\r\n"\r\n4,y\r\n'
    _, items, _ = read(tmp_path, text)
    assert items == [
        (2, ["1", "one\r\ntwo"]), (4, ["2", "x"]), (5, ["3", "\r\n\r\n"]), (8, ["4", "y"]),
    ]  # fmt: skip


def test_a_long_value_may_lie_across_many_pieces(tmp_path: Path) -> None:
    long = "\n".join(f"line {number}" for number in range(300_000))
    _, items, _ = read(tmp_path, f'gtin,note\n1,"{long}"\n2,x\n')
    assert items == [(2, ["1", long]), (300_002, ["2", "x"])]


def test_a_value_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    long = "x" * 10_000_000
    _, items, _ = read(tmp_path, f"gtin,note\n1,{long}\n2,x\n")
    assert items == [(2, ["1", long]), (3, ["2", "x"])]


def test_a_line_without_end_is_one_bad_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_lines, "LONGEST_LINE", 1024 * 1024)
    text = f"gtin,note\n1,x\n2,{'y' * 3_000_000}\n3,z\n4,{'y' * 3_000_000}"
    _, items, _ = read(tmp_path, text)
    assert good(items) == [(2, ["1", "x"]), (4, ["3", "z"])]
    assert reasons(items) == [
        (3, "the line is longer than 1 MiB"), (5, "the line is longer than 1 MiB"),
    ]  # fmt: skip


def test_ragged_rows_are_kept_aside_and_empty_ones_are_nothing(tmp_path: Path) -> None:
    text = "a,b,c\n1,2,3\n4,5\n\n,,\n6,7,8,9\n10,11,12\n"
    _, items, _ = read(tmp_path, text)
    assert good(items) == [(2, ["1", "2", "3"]), (7, ["10", "11", "12"])]
    assert reasons(items) == [
        (3, "has 2 values where the header names 3 columns"),
        (6, "has 4 values where the header names 3 columns"),
    ]
    assert items[1] == Bad(3, reasons(items)[0][1], value="4 | 5")


def test_a_quote_that_never_closes_costs_one_record(tmp_path: Path) -> None:
    text = 'gtin,name\n1,x\n2,"Milk\n3,Bread\n4,Eggs\n'
    _, items, _ = read(tmp_path, text)
    assert good(items) == [(2, ["1", "x"]), (4, ["3", "Bread"]), (5, ["4", "Eggs"])]
    assert items[1] == Bad(3, "a quote opens in this record and never closes", value='2,"Milk')


def test_a_quote_that_another_one_closes_does_not_swallow_what_is_between(tmp_path: Path) -> None:
    _, items, _ = read(tmp_path, 'gtin,name\n1,"Milk\n2,"Bread"\n3,"Eggs"\n')
    assert good(items) == [(3, ["2", "Bread"]), (4, ["3", "Eggs"])]
    ((place, reason),) = reasons(items)
    assert place == 2
    assert "in line 3 something follows a closing quote" in reason


def test_a_quote_that_never_closes_in_a_large_file_costs_one_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_records, "LONGEST_LINE", 1024 * 1024)
    lines = [f"{number},name {number}" for number in range(200_000)]
    lines[150] = '150,"name'
    lines[100_000] = '100000,"two\nlines"'
    _, items, _ = read(tmp_path, "gtin,name\n" + "\n".join(lines) + "\n")
    assert len(good(items)) == 199_999
    assert reasons(items) == [(152, "a quote opens in this record and never closes")]
    assert items[100_000] == (100_002, ["100000", "two\nlines"])
    assert items[-1] == (200_002, ["199999", "name 199999"])


def test_a_carriage_return_in_a_value_is_kept_aside(tmp_path: Path) -> None:
    _, items, _ = read(tmp_path, "gtin,name\n1,a\rb\n2,c\n")
    assert good(items) == [(3, ["2", "c"])]
    assert reasons(items) == [(2, "has a carriage return in a value without quotes")]


def test_nuls_come_through_to_be_refused_with_their_field(tmp_path: Path) -> None:
    assert read(tmp_path, "gtin,name\n1,a\0b\n")[1] == [(2, ["1", "a\0b"])]


def test_two_columns_of_one_name_are_an_error_that_says_which(tmp_path: Path) -> None:
    with pytest.raises(
        ImportFailed, match=r"line 1: 2 columns are called 'price': the 2 and the 4."
    ):
        read(tmp_path, "gtin,price,name,price\n1,2,3,4\n")


def test_columns_without_a_name_are_left_out_and_said(tmp_path: Path) -> None:
    names, items, notes = read(tmp_path, "gtin,,name,\n1,2,3,\n")
    assert (names, items) == (("gtin", "", "name", ""), [(2, ["1", "2", "3", ""])])
    assert "columns 2, 4 without a name: left out" in notes


@pytest.mark.parametrize("content", ["", "\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_an_error(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(ImportFailed, match=r"products.csv: is empty"):
        read(tmp_path, content)


def test_a_header_alone_is_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, "gtin,name\n")[:2] == (("gtin", "name"), [])


def test_only_apostrophes_before_signs_of_formulas_are_taken_off(tmp_path: Path) -> None:
    text = "gtin,name\n1,'=SUM(A1)\n2,'tis\n3,''-x\n4,it's\n"
    _, items, notes = read(tmp_path, text)
    assert [values[1] for _, values in items] == ["=SUM(A1)", "'tis", "'-x", "it's"]
    assert "2 values began with an apostrophe" in notes
    raw = read(tmp_path, text, CsvOptions(raw=True))[1]
    assert [values[1] for _, values in raw] == ["'=SUM(A1)", "'tis", "''-x", "it's"]


def test_blanks_stay_unless_they_are_to_go(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b\n 1 , x \n")[1] == [(2, [" 1 ", " x "])]
    assert read(tmp_path, "a,b\n 1 , x \n", CsvOptions(trim=True))[1] == [(2, ["1", "x"])]


def test_a_packed_file_is_read_and_one_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    packed = gzip.compress(GOOD.encode())
    assert read(tmp_path, packed)[1] == RECORDS
    with pytest.raises(ImportFailed, match="the gzip file ends before its end"):
        read(tmp_path, packed[:-6])
    with pytest.raises(ImportFailed, match="is packed with zip"):
        read(tmp_path, b"PK\x03\x04....")


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text(GOOD)
    with CsvSource(str(path)) as source:
        items = iter(source.rows(IMPORTER).items)
        assert next(items) == RECORDS[0]
        with path.open("a") as more:
            more.write("3,Eggs,12\n")
        with pytest.raises(ImportFailed, match="changed while it was read, from 47 to 57 bytes"):
            list(items)


def test_a_file_that_is_not_there_is_known_before_anything_is_read(tmp_path: Path) -> None:
    with (
        pytest.raises(ImportFailed, match=r"cannot read .*nothing.csv: No such file"),
        CsvSource(str(tmp_path / "nothing.csv")),
    ):
        pass


def test_one_file_is_read_for_each_importer_and_standard_input_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "products.csv"
    path.write_text(GOOD)
    with CsvSource(str(path)) as source:
        assert [list(source.rows(IMPORTER).items) for _ in range(2)] == [RECORDS] * 2
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    with CsvSource("-") as source:
        assert list(source.rows(IMPORTER).items) == RECORDS
        with pytest.raises(ImportFailed, match="standard input can be read only once"):
            source.rows(IMPORTER)


def test_how_far_it_is_read_is_known(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text(GOOD)
    with CsvSource(str(path)) as source:
        list(source.rows(IMPORTER).items)
        reached = source.reached()
    assert (reached.done, reached.total, reached.unit) == (len(GOOD), len(GOOD), "bytes")
