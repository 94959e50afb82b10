# SPDX-License-Identifier: Apache-2.0
"""What becomes of a report that is known already: nothing, unless it differs."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from poser.importing.poslog.keep_transactions import Outcome, keep
from poser.importing.poslog.records import Header, Tender, Transaction
from poser.trainwreck import recount

pytestmark = pytest.mark.postgresql

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HEADER = Header(
    business_date=date(2026, 11, 20), system="x", system_id="17", kind="sale", control="",
    reason="", store_number="9", terminal="1", receipt_number="17", started_at=NOON, ended_at=NOON,
    cashier_number="", cashier_name="", customer_number="", currency="USD",
    subtotal=Decimal(5), discount_total=Decimal(0), tax_total=Decimal(0), total=Decimal(5),
    tender_total=Decimal(5), line_count=0, is_void=False, is_suspended=False, is_training=False,
    resumes="",
)  # fmt: skip
CASH = Tender(
    sequence=1, kind="tender", code="", tender_type="cash", description="", card="",
    amount=Decimal(5), is_void=False,
)  # fmt: skip
SALE = Transaction(header=HEADER, tenders=(CASH,))


def kept(engine: Engine, *sales: Transaction, take: bool = False) -> list[Outcome]:
    with Session(engine) as session:
        found = keep(session, "x", sales, replace=take)
        session.commit()
    return [each.outcome for each in found]


def where(engine: Engine) -> list[tuple[date, str]]:
    with engine.begin() as connection:
        rows = connection.execute(
            text("SELECT business_date, tableoid::regclass::text FROM pos_tenders ORDER BY 1")
        )
        return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2026, 12, 1), date(2019, 1, 1)])
def test_a_corrected_date_moves_it_with_all_its_parts(trainwreck_db: Engine, day: date) -> None:
    assert kept(trainwreck_db, SALE) == [Outcome.CREATED]
    moved = replace(SALE, header=replace(HEADER, business_date=day))
    assert kept(trainwreck_db, moved) == [Outcome.DIFFERS], "never twice, on whatever date"
    assert kept(trainwreck_db, moved, take=True) == [Outcome.REPLACED]
    assert [found for found, _ in where(trainwreck_db)] == [day]
    assert kept(trainwreck_db, moved, take=True) == [Outcome.UNCHANGED]
    assert recount.compare(trainwreck_db) == []
    with trainwreck_db.begin() as connection:
        days = connection.execute(
            text("SELECT business_date, net FROM sales_by_day WHERE net <> 0")
        ).all()
    assert [tuple(row) for row in days] == [(day, Decimal(5))]


def test_what_counts_is_worked_out_as_the_database_does(trainwreck_db: Engine) -> None:
    flags = ("is_void", "is_suspended", "is_training")
    sales = [replace(SALE, header=replace(HEADER, system_id=f, **{f: True})) for f in flags]
    control = replace(SALE, header=replace(HEADER, system_id="control", kind="control"))
    assert kept(trainwreck_db, SALE, *sales, control) == [Outcome.CREATED] * 5
    with trainwreck_db.begin() as connection:
        paid = connection.execute(text("SELECT sum(amount) FROM sales_by_tender")).scalar_one()
    assert paid == Decimal(5)
