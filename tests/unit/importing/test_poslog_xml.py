# SPDX-License-Identifier: Apache-2.0
"""Reading a POSLog as a stream: any input, bounded memory, whole transactions only."""

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poser.importing.opening import CutOff, Refused
from poser.importing.poslog import xml
from poser.importing.poslog.xml import Element, transactions
from tests.support.poslog import EXAMPLE, ROOT, drain, log, sale

REAL = EXAMPLE.read_bytes()


def read(content: bytes | str, size: int = 4096) -> list[Element]:
    data = content.encode() if isinstance(content, str) else content
    return list(transactions((data[i : i + size] for i in range(0, len(data), size)), "log"))


WHOLE = [element.to_xml() for element in read(REAL)]


def test_the_example_has_51_transactions_however_it_is_cut_into_pieces() -> None:
    assert len(WHOLE) == 51
    assert [element.to_xml() for element in read(REAL, 7)] == WHOLE


def test_an_element_knows_its_place_in_the_file() -> None:
    found = read(log(sale(1), sale(2)))[1]
    assert (found.line, found.position) == (3, 1)
    number = found.find("SequenceNumber")
    assert number is not None
    assert (number.text, number.line) == ("2", 3)


def test_names_of_the_logs_own_namespace_stand_bare_whatever_it_is() -> None:
    for root in (ROOT, "<POSLog>", '<p:POSLog xmlns:p="urn:x" xmlns="urn:x">'):
        end = "</p:POSLog>" if root.startswith("<p:") else "</POSLog>"
        found = read(f"{root}{sale(1)}{end}".replace("acs:", ""))[0]
        assert found.find("RetailTransaction/LineItem/Sale/Quantity") is not None


def test_elements_around_transactions_are_passed_by() -> None:
    content = f"{ROOT}<Header><Name>x</Name></Header><Batch>{sale(1)}</Batch>text</POSLog>"
    assert len(read(content)) == 1


def test_an_entry_written_out_reads_back_the_same() -> None:
    for element in read(REAL)[:10]:
        again = read(f"<POSLog>{element.to_xml()}</POSLog>")[0]
        assert again.to_xml() == element.to_xml()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "log: is empty"),
        ("hello", "log:1:1: is not a POSLog, nor any XML"),
        ("GTIN,description\n1,milk\n", "nor any XML"),
        ("\x00\x01\x02", "nor any XML"),
        ("<html><body/></html>", "root element is <html>"),
        ("<POSLo", "breaks off before its first element"),
        ('<!DOCTYPE POSLog SYSTEM "file:///etc/passwd"><POSLog/>', "has a document type"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><POSLog>&a;</POSLog>', "has a document type"),
        ('<?xml version="1.0" encoding="klingon"?><POSLog/>', "an encoding that cannot be read"),
        ('<?xml version="1.0" encoding="shift_jis"?><POSLog/>', "an encoding that cannot be read"),
        ("<POSLog>" + "<a>" * 101, "nested more than 100 deep"),
    ],
)
def test_what_is_no_poslog_is_refused_whole(content: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        read(content)


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("", "breaks off: no element found"),
        ("<Transaction><RetailStoreID>9</Ret", "breaks off inside the transaction of line 3"),
        ("<Transaction></POSLog>", "is not XML from here on inside the transaction of line 3"),
        ("<Transaction>&nbsp;</Transaction></POSLog>", "is not XML from here on"),
        ("<Transaction>Fish & Chips</Transaction></POSLog>", "is not XML from here on"),
        ("</POSLog><more/>", "is not XML from here on"),
    ],
)
def test_what_is_whole_before_a_break_is_given(ending: str, words: str) -> None:
    got, error = drain(
        transactions(iter([f"{ROOT}\n{sale(1)}\n".encode(), ending.encode()]), "log")
    )
    assert len(got) == 1
    assert isinstance(error, CutOff)
    assert words in error.message
    assert error.message.startswith("log:3:")


@settings(max_examples=40, deadline=None)
@given(st.integers(min_value=1, max_value=len(REAL) - 20))
def test_any_beginning_of_a_log_gives_the_first_transactions_and_says_it_is_cut_off(
    size: int,
) -> None:
    got, error = drain(
        transactions((REAL[i : min(i + 4096, size)] for i in range(0, size, 4096)), "log")
    )
    assert [element.to_xml() for element in got] == WHOLE[: len(got)]
    assert isinstance(error, CutOff) or (isinstance(error, Refused) and not got)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_damage_is_told_in_words(data: st.DataObject) -> None:
    content = bytearray(REAL[:30_000])
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    got, error = drain(transactions(iter([bytes(content)]), "log"))
    assert isinstance(error, CutOff | Refused)
    assert error.message.startswith("log")
    assert len(got) <= 51


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "windows-1252"])
def test_other_encodings_are_read(encoding: str) -> None:
    content = f'<?xml version="1.0" encoding="{encoding}"?><POSLog>{sale(1)}</POSLog>'
    content = content.replace("Milk", "Crème")
    found = read(content.encode(encoding))[0].find("RetailTransaction/LineItem/Sale/Description")
    assert found is not None
    assert found.text == "Crème"


def endless(first: bytes, piece: bytes) -> Iterator[bytes]:
    yield b"<POSLog><Transaction>" + first
    for _ in range(400):
        yield piece


@pytest.mark.parametrize(
    ("first", "piece", "words"),
    [
        (b"", b"<a/>" * 1000, "more than 200000 elements"),
        (b"<b>", b"x" * 1_000_000, "more than 16777216 characters"),
        (b"<!--", b"x" * 1_000_000, "a single tag or text is larger than 16777216 bytes"),
        (b"<a b='", b"x" * 1_000_000, "a single tag or text is larger than 16777216 bytes"),
    ],
)
def test_one_transaction_cannot_fill_the_memory(first: bytes, piece: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        list(transactions(endless(first, piece), "log"))


def test_memory_stays_flat_however_long_the_log_is() -> None:
    def peak(count: int) -> int:
        def pieces() -> Iterator[bytes]:
            yield ROOT.encode()
            for n in range(count):
                yield sale(n).encode()
            yield b"</POSLog>"

        tracemalloc.start()
        assert sum(1 for _ in transactions(pieces(), "log")) == count
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(4000) < peak(400) * 1.5 + 100_000


def test_limits_are_far_above_what_real_logs_have() -> None:
    def count(element: Element) -> int:
        return 1 + sum(map(count, element.children))

    assert max(map(count, read(REAL))) * 20 < xml.MAX_ELEMENTS
