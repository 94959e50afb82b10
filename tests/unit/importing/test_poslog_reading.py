# SPDX-License-Identifier: Apache-2.0
"""Reading one Transaction: the facts of the example, other dialects, and wrong fields."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from poser.importing.poslog.fields import FieldError
from poser.importing.poslog.items import Code, understand
from poser.importing.poslog.reading import entry_of, read_transaction
from poser.importing.poslog.records import Transaction
from poser.importing.poslog.xml import Element, transactions
from tests.support.poslog import EXAMPLE, ROOT, line, sale


def element(xml: str) -> Element:
    return next(transactions(iter([f"{ROOT}{xml}</POSLog>".encode()]), "log"))


def read(xml: str, zone: str = "UTC") -> Transaction:
    return read_transaction(element(xml), system="test", zone=ZoneInfo(zone))


REAL = [
    read_transaction(each, system="poslog", zone=UTC)
    for each in transactions(iter([EXAMPLE.read_bytes()]), "log")
]


def test_the_example_adds_up_in_every_sale() -> None:
    sales = [t for t in REAL if t.header.kind == "sale"]
    assert len(sales) == 42
    for each in sales:
        head = each.header
        goods = sum(x.extended for x in each.lines) + sum(x.amount for x in each.discounts)
        assert head.subtotal == goods
        assert head.total == goods + sum(x.amount for x in each.taxes), head.system_id
        assert head.total == sum(x.amount for x in each.tenders), head.system_id
        assert head.tax_total == sum(x.amount for x in each.taxes)


def test_the_example_has_what_its_source_says() -> None:
    assert Counter(t.header.control for t in REAL) == {
        "": 42,
        "sign_on": 4,
        "sign_off": 3,
        "no_sale": 2,
    }
    lines = [x for t in REAL for x in t.lines]
    assert len(lines) == 552
    assert sum(x.is_void for x in lines) == 4
    assert sum(x.is_weighed for x in lines) == 168
    assert {x.quantity < 0 for x in lines if x.is_void} == {True}
    assert Counter(x.kind for x in lines) == {"sale": 551, "refund": 1}
    assert len({i.gtin for t in REAL for i in t.items}) == 386
    assert not any(t.item_problems for t in REAL)
    tenders = Counter(x.kind for t in REAL for x in t.tenders)
    assert tenders == {"tender": 42, "change": 6, "cashback": 3}


def test_places_on_a_receipt_are_unique_and_ascend() -> None:
    for each in REAL:
        parts = (*each.lines, *each.discounts, *each.taxes, *each.tenders)
        places = [part.sequence for part in parts]
        assert len(set(places)) == len(places)
        assert [x.sequence for x in each.lines] == sorted(x.sequence for x in each.lines)


def test_a_reward_knows_its_line() -> None:
    rewarded = next(t for t in REAL if t.discounts)
    by_place = {x.sequence: x for x in rewarded.lines}
    for reward in rewarded.discounts:
        assert reward.line_sequence in by_place
        assert reward.amount < 0


def test_a_transaction_is_named_by_store_till_day_and_number() -> None:
    head = read(sale(17, store="0009", terminal="A2")).header
    assert head.system_id == "0009/A2/2026-11-20/17"
    assert (head.store_number, head.terminal, head.receipt_number) == ("0009", "A2", "17")


@pytest.mark.parametrize(
    ("time", "zone", "expected"),
    [
        ("18:30:00", "UTC", datetime(2026, 11, 20, 18, 30, tzinfo=UTC)),
        ("18:30:00", "America/Chicago", datetime(2026, 11, 21, 0, 30, tzinfo=UTC)),
        ("18:30:00Z", "America/Chicago", datetime(2026, 11, 20, 18, 30, tzinfo=UTC)),
        ("18:30:00.25+01:00", "UTC", datetime(2026, 11, 20, 17, 30, 0, 250000, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_of_the_zone_that_was_told(
    time: str, zone: str, expected: datetime
) -> None:
    assert read(sale(time=time), zone).header.ended_at == expected


def test_a_beginning_is_taken_where_the_till_tells_it() -> None:
    head = read(sale(head="<BeginDateTime>2026-11-20T18:29:00Z</BeginDateTime>")).header
    assert head.started_at == datetime(2026, 11, 20, 18, 29, tzinfo=UTC)
    assert read(sale()).header.started_at == read(sale()).header.ended_at


def test_newer_logs_name_the_store_by_its_business_unit() -> None:
    xml = sale().replace(
        "<RetailStoreID>9</RetailStoreID>", "<BusinessUnit><UnitID>9</UnitID></BusinessUnit>"
    )
    assert read(xml).header.store_number == "9"
    assert entry_of(element(xml)) == "9/1/2026-11-20/1"


def test_change_inside_the_tender_it_came_out_of_is_a_row_of_its_own() -> None:
    tender = (
        '<LineItem><Tender TenderType="Cash"><TenderID>1</TenderID><Amount>5.00</Amount>'
        "<TenderChange><Amount>2.50</Amount></TenderChange></Tender></LineItem>"
    )
    found = read(sale(1, line(), body=tender))
    assert [(x.kind, x.amount) for x in found.tenders] == [
        ("tender", Decimal("5.00")),
        ("change", Decimal("-2.50")),
    ]
    assert found.header.tender_total == found.header.total == Decimal("2.50")


def test_cash_back_without_a_row_of_change_is_counted_once() -> None:
    tender = (
        '<LineItem><Tender TenderType="CreditDebit"><Amount>22.50</Amount>'
        "<Cashback>20.00</Cashback></Tender></LineItem>"
    )
    found = read(sale(1, line(), body=tender))
    assert found.header.tender_total == Decimal("2.50")
    assert found.tenders[0].tender_type == "credit_debit"


def test_goods_that_come_back_count_negative_however_the_till_writes_them() -> None:
    returned = line(quantity="2", amount="5.00").replace("Sale>", "Return>")
    found = read(sale(1, line(), returned))
    back = found.lines[1]
    assert (back.kind, back.quantity, back.extended) == ("return", Decimal(-2), Decimal("-5.00"))
    assert found.header.total == Decimal("-2.50")


def test_a_line_that_is_void_in_place_counts_nothing() -> None:
    found = read(sale(1, line(), line(attributes='VoidFlag="true"')))
    assert found.header.total == Decimal("2.50")
    assert len(found.items) == 1


def test_a_cancelled_line_is_not_there() -> None:
    assert len(read(sale(1, line(), line(attributes='CancelFlag="true"'))).lines) == 1


def test_price_modifiers_are_the_discount_of_a_line() -> None:
    more = (
        '<RetailPriceModifier><Amount Action="Subtract">0.50</Amount></RetailPriceModifier>'
        "<ActualSalesUnitPrice>2.00</ActualSalesUnitPrice>"
    )
    found = read(sale(1, line(amount="2.00", more=more))).lines[0]
    assert (found.discount, found.unit_price, found.regular_price) == (
        Decimal("0.500"),
        Decimal(2),
        Decimal("2.5"),
    )


def test_a_discount_on_the_whole_lowers_the_total() -> None:
    body = "<LineItem><Discount><Amount>0.30</Amount></Discount></LineItem>"
    assert read(sale(1, line(), body=body)).header.total == Decimal("2.20")


def test_taxes_on_lines_count_only_where_the_whole_has_none() -> None:
    taxed = line(more="<Tax><Amount>0.20</Amount></Tax>")
    whole = "<LineItem><Tax><Amount>0.21</Amount></Tax></LineItem>"
    assert read(sale(1, taxed)).header.tax_total == Decimal("0.20")
    assert read(sale(1, taxed, body=whole)).header.tax_total == Decimal("0.21")
    said = '<Total TotalType="TransactionTaxAmount">0.22</Total>'
    assert read(sale(1, taxed, body=whole + said)).header.tax_total == Decimal("0.22")


def test_an_amount_that_is_missing_is_price_times_quantity() -> None:
    xml = sale(1, line(quantity="0.333", price="2.99", amount="0")).replace(
        "<ExtendedAmount>0</ExtendedAmount>", ""
    )
    assert read(xml).lines[0].extended == Decimal("1.00")


@pytest.mark.parametrize(
    ("attributes", "more", "unit", "is_weighed"),
    [
        ("", "", "each", False),
        ('acs:weightItem="true"', "", "weight", True),
        ("", ' UnitOfMeasureCode="LBR"', "lb", True),
        ("", ' UnitOfMeasureCode="KGM"', "kg", True),
        ("", ' UnitOfMeasureCode="EA"', "each", False),
        ("", ' UnitOfMeasureCode="Case"', "case", False),
    ],
)
def test_units_are_named_in_one_way(
    attributes: str,
    more: str,
    unit: str,
    is_weighed: bool,  # noqa: FBT001 - a test's parameter
) -> None:
    xml = sale(1, line(attributes=attributes)).replace("<Quantity>", f"<Quantity{more}>")
    found = read(xml).lines[0]
    assert (found.unit, found.is_weighed) == (unit, is_weighed)


def test_flags_of_the_whole_are_kept() -> None:
    head = read(sale(attributes='CancelFlag="true" TrainingModeFlag="1"')).header
    assert (head.is_void, head.is_training, head.is_suspended) == (True, True, False)
    xml = sale().replace("<RetailTransaction>", '<RetailTransaction TransactionStatus="Suspended">')
    assert read(xml).header.is_suspended


def test_training_sells_nothing_real_but_is_kept() -> None:
    assert read(sale(attributes='TrainingModeFlag="true"')).header.is_training


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ("<RetailStoreID>9</RetailStoreID>", "", "RetailStoreID or BusinessUnit", "is missing"),
        ("<WorkstationID>1<", "<WorkstationID><", "WorkstationID", "is missing"),
        ("<SequenceNumber>1</SequenceNumber>", "", "SequenceNumber", "is missing"),
        ("2026-11-20<", "20.11.2026<", "BusinessDayDate", "is not a date"),
        ("<BusinessDayDate>2026", "<BusinessDayDate>2926", "BusinessDayDate", "is not between"),
        ("T18:30:00Z", "", "EndDateTime", "is not a time"),
        ("T18:30:00Z", "T25:30:00Z", "EndDateTime", "is not a time"),
        ("T18:30:00Z", " 18:30", "EndDateTime", "is not a time"),
        ("<EndDateTime>2026-11-20T18:30:00Z</EndDateTime>", "", "EndDateTime", "is missing"),
        ("RetailTransaction", "Remark", "Transaction", "has no RetailTransaction"),
        ("<Quantity>1<", "<Quantity>one<", "Sale/Quantity", "is not a number"),
        ("<Quantity>1<", "<Quantity>1,5<", "Sale/Quantity", "is not a number"),
        ("<Quantity>1<", "<Quantity>1e5<", "Sale/Quantity", "is not a number"),
        ("<Quantity>1<", "<Quantity>NaN<", "Sale/Quantity", "is not a number"),
        ("<Quantity>1<", "<Quantity>9999999999<", "Sale/Quantity", "is not a number"),
        ("<Quantity>1<", "<Quantity>1.00001<", "Sale/Quantity", "more than 4 decimal places"),
        ("ExtendedAmount>2.50", "ExtendedAmount>2.5001", "Sale/ExtendedAmount", "decimal places"),
        ("Milk", "M" * 201, "Sale/Description", "is longer than 200 characters"),
        ("<LineItem >", '<LineItem VoidFlag="maybe">', "LineItem/@VoidFlag", "neither true nor"),
    ],
)
def test_a_field_that_is_missing_or_wrong_is_named(
    old: str, new: str, field: str, reason: str
) -> None:
    good = sale()
    assert old in good
    with pytest.raises(FieldError) as caught:
        read(good.replace(old, new))
    assert field in caught.value.field
    assert reason in caught.value.reason


def test_an_entry_is_named_as_far_as_it_can_be() -> None:
    assert entry_of(element("<Transaction><WorkstationID>3</WorkstationID></Transaction>")) == (
        "?/3/?/?"
    )


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        ("036000291452", "GTIN", Code(gtin=36000291452)),
        ("00036000291452", "GTIN", Code(gtin=36000291452)),
        ("00036000291452", "", Code(gtin=36000291452)),
        ("00000000040112", "GTIN", Code(gtin=40112, plu=4011)),
        ("00000000004011", "GTIN", Code(gtin=40112, plu=4011)),
        ("4011", "PLU", Code(gtin=40112, plu=4011)),
        ("00205601000002", "UPC", Code(gtin=205601000002)),
        ("SKU-77", "SKU", Code()),
        ("12345", "", Code()),
        ("", "GTIN", Code(problem="has more than digits")),
        ("036000291453", "UPCA", Code(problem="its check digit should be 2, not 3")),
        ("036000291453", "SKU", Code()),
        ("123456789012345678", "GTIN", Code(problem="has 18 digits; a GTIN has at most 14")),
    ],
)
def test_a_tills_code_is_understood(code: str, kind: str, expected: Code) -> None:
    assert understand(code, kind) == expected


def test_a_price_label_is_sold_as_the_product_without_the_price() -> None:
    xml = sale(1, line("00205601004994"), line("00205601000002"))
    assert {x.gtin for x in read(xml).lines} == {205601000002}


def test_a_wrong_check_digit_keeps_the_sale_and_makes_no_product() -> None:
    found = read(sale(1, line("036000291453")))
    assert found.lines[0].code == "036000291453"
    assert found.lines[0].gtin is None
    assert found.items == ()
    assert found.item_problems[0].code == "036000291453"


def test_a_department_sale_without_a_code_is_a_line_and_no_product() -> None:
    bare = line("").replace(
        '<POSIdentity POSIDType="GTIN"><POSItemID></POSItemID></POSIdentity>', ""
    )
    found = read(sale(1, bare))
    assert (found.lines[0].code, found.items, found.item_problems) == ("", (), ())
