# SPDX-License-Identifier: Apache-2.0
"""Barcode numbers: known ones from standards, and properties of all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poser import gtin
from poser.gtin import CodeKind, GtinError, candidates

BODIES = st.integers(min_value=1, max_value=10**13 - 1)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4006381333931", 4006381333931),  # EAN-13, the example of many manuals
        ("036000291452", 36000291452),  # UPC-A
        ("96385074", 96385074),  # EAN-8
        ("10614141000415", 10614141000415),  # GTIN-14, GS1 General Specifications
        ("0 36000 29145 2", 36000291452),
        ("978-3-16-148410-0", 9783161484100),
        ("00852421006143", 852421006143),
    ],
)
def test_real_numbers_are_read(text: str, number: int) -> None:
    assert gtin.parse(text) == number


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("036000291453", "check digit should be 2, not 3"),
        ("12345", "5 digits"),
        ("", "more than digits"),
        ("03600029145X", "more than digits"),
        ("٠٣٦٠٠٠٢٩١٤٥٢", "more than digits"),
        ("000000000000", "only zeros"),
        ("123456789012345", "15 digits"),
    ],
)
def test_what_is_no_gtin_says_why(text: str, words: str) -> None:
    with pytest.raises(GtinError, match=words):
        gtin.parse(text)


@given(BODIES)
def test_a_number_with_its_check_digit_is_valid_however_padded(body: int) -> None:
    number = gtin.with_check_digit(str(body))
    for length in range(len(str(number)), 15):
        assert gtin.is_valid(str(number).zfill(length))
    assert gtin.parse(gtin.written(number)) == number
    assert gtin.parse(gtin.written_14(number)) == number


@given(BODIES, st.integers(min_value=1, max_value=9), st.integers(min_value=0, max_value=13))
def test_one_wrong_digit_is_always_noticed(body: int, change: int, place: int) -> None:
    digits = gtin.written_14(gtin.with_check_digit(str(body)))
    wrong = str((int(digits[place]) + change) % 10)
    assert not gtin.is_valid(digits[:place] + wrong + digits[place + 1 :])


@given(BODIES)
def test_leaving_the_measure_out_is_valid_and_done_once(body: int) -> None:
    number = gtin.with_check_digit(str(2 * 10**10 + body % 10**10))
    kept = gtin.without_measure(number)
    assert gtin.is_random_weight(number)
    assert gtin.is_valid(str(kept))
    assert gtin.without_measure(kept) == kept
    assert str(kept)[:6] == str(number)[:6]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("01234505", 12000003455),  # ends in 0
        ("04252614", 42100005264),  # ends in 1
        ("06543217", 65100004327),  # ends in 1
        ("01278907", 12000007897),
        ("425261", 42100005264),
    ],
)
def test_upc_e_expands_as_the_general_specifications_say(short: str, long: int) -> None:
    assert gtin.expand_upc_e(short) == long
    assert (CodeKind.GTIN, long) in {(x.kind, x.value) for x in candidates(short)}


@pytest.mark.parametrize("short", ["000000", "000003", "000004", "00000000"])
def test_a_upc_e_of_zeros_alone_stands_for_nothing(short: str) -> None:
    assert gtin.expand_upc_e(short) is None


@given(st.integers(min_value=5, max_value=999_999))
def test_each_upc_e_stands_for_a_valid_upc_a_of_its_own(short: int) -> None:
    expanded = gtin.expand_upc_e(f"{short:06}")
    assert expanded is not None
    assert gtin.is_valid(f"{expanded:012}")
    digits = f"0{short:06}{expanded % 10}"
    assert gtin.expand_upc_e(digits) == expanded


@given(st.text(max_size=40))
def test_anything_can_be_looked_up(text: str) -> None:
    found = candidates(text)
    assert bool(found) == bool(text.strip())
    assert len({(x.kind, x.value) for x in found}) == len(found)


@given(BODIES)
def test_a_barcode_is_looked_up_first_by_itself(body: int) -> None:
    number = gtin.with_check_digit(str(body))
    text = gtin.written_14(number)
    numbers = [x for x in candidates(text) if x.kind is CodeKind.GTIN]
    assert numbers[0].value == number


@given(BODIES.filter(lambda body: body >= 10**6))
def test_a_barcode_without_its_check_digit_is_found_too(body: int) -> None:
    number = gtin.with_check_digit(str(body))
    assert number in [x.value for x in candidates(str(body)) if x.kind is CodeKind.GTIN] or (
        gtin.is_valid(str(body)) and len(str(body)) in gtin.LENGTHS
    )


def test_a_whole_barcode_is_never_taken_for_another_without_its_check_digit() -> None:
    numbers = [x.value for x in candidates("852421006143") if x.kind is CodeKind.GTIN]
    assert numbers == [852421006143]


@pytest.mark.parametrize("text", ["4011", "94011"])
def test_four_or_five_digits_are_a_plu_first(text: str) -> None:
    first = candidates(text)[0]
    assert (first.kind, first.value) == (CodeKind.PLU, int(text))
    assert gtin.plu_of(gtin.with_check_digit(text)) == int(text)


def test_a_price_label_finds_the_product_without_its_price() -> None:
    label = gtin.with_check_digit("20560109499")
    assert 205601000002 in [x.value for x in candidates(str(label))]


@pytest.mark.parametrize(
    "text",
    [
        "(01)09506000134352(3103)000189",
        "https://id.example.com/01/09506000134352/10/ABC",
        "0109506000134352310300018915991231",
        "]C10109506000134352",
    ],
)
def test_a_gs1_element_string_or_digital_link_gives_its_gtin(text: str) -> None:
    assert candidates(text)[0].value == 9506000134352
