# SPDX-License-Identifier: Apache-2.0
"""Importing POS logs into both databases: once, whole, and healed by a second run."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, func, select, text

from poser.db import engine, transaction
from poser.errors import Unavailable
from poser.importing.opening import Limits
from poser.importing.poslog.databases import Databases
from poser.importing.poslog.run import FileResult, Options, import_file
from poser.model import Department, Product, ProductCode, ProductPrice, Store
from poser.trainwreck.model import PosLine, PosReject, PosTender, PosTransaction
from tests.support.poslog import EXAMPLE, MILK, ROOT, line, log, sale
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql

TABLES = {
    "poser": ("stores", "departments", "products", "product_codes", "product_prices"),
    "trainwreck": (
        "pos_transactions", "pos_lines", "pos_discounts", "pos_taxes", "pos_tenders",
        "pos_rejects",
    ),
}  # fmt: skip
Import = Callable[..., FileResult]


@pytest.fixture
def databases(poser_db: Engine, trainwreck_db: Engine) -> Databases:
    return Databases(poser=poser_db, trainwreck=trainwreck_db)


@pytest.fixture
def bring(databases: Databases, tmp_path: Path) -> Import:
    """Give a function that imports a log, given as a path, bytes or text."""

    def run(content: Path | bytes | str, **options: object) -> FileResult:
        path = tmp_path / "log.xml"
        if isinstance(content, Path):
            path = content
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        chosen = replace(Options(), **options)  # type: ignore[arg-type]
        return import_file(str(path), databases, chosen, lambda _file: None)

    return run


def everything(databases: Databases) -> dict[str, list[str]]:
    """Write out every row of every table, without ids and times of writing."""
    rows = {}
    for database, tables in TABLES.items():
        with getattr(databases, database).connect() as connection:
            for table in tables:
                statement = f"SELECT to_jsonb(t) FROM {table} t"  # noqa: S608 - our own names
                found = connection.execute(text(statement)).scalars()
                rows[table] = sorted(str(_stable(row)) for row in found)
    return rows


def _stable(row: dict[str, object]) -> dict[str, object]:
    return {k: v for k, v in row.items() if not k.endswith("id") and not k.endswith("ed_at")}


def prices(databases: Databases) -> list[tuple[str, str, str | None]]:
    with transaction(databases.poser, read_only=True) as session:
        found = session.scalars(select(ProductPrice).order_by(ProductPrice.valid)).all()
    return [
        (
            f"{row.price:.2f}",
            f"{row.valid.lower:%d}" if row.valid.lower else "",
            f"{row.valid.upper:%d}" if row.valid.upper else None,
        )
        for row in found
    ]


def count(databases: Databases) -> dict[str, int]:
    return {table: len(rows) for table, rows in everything(databases).items()}


def test_the_example_becomes_a_shop(databases: Databases, bring: Import) -> None:
    result = bring(EXAMPLE)
    assert result.error is None
    assert result.to_json()["transactions"] == {
        "created": 51, "unchanged": 0, "replaced": 0, "refused": 0,
    }  # fmt: skip
    assert count(databases) == {
        "stores": 1, "departments": 21, "products": 386, "product_codes": 0,
        "product_prices": 382, "pos_transactions": 51, "pos_lines": 552, "pos_discounts": 245,
        "pos_taxes": 23, "pos_tenders": 51, "pos_rejects": 0,
    }  # fmt: skip
    with transaction(databases.poser, read_only=True) as session:
        lemonade = session.scalars(select(Product).where(Product.gtin == 852421006143)).one()
        assert lemonade.description == "ALTA PALLA LEMONADE"
        assert lemonade.department_name == "Department29"
        price = session.scalars(
            select(ProductPrice).where(ProductPrice.product_id == lemonade.id)
        ).one()
        assert price.valid.upper is None
        weighed = session.scalars(select(func.count()).where(Product.is_weighed)).one()
        assert weighed > 50
    with transaction(databases.trainwreck, read_only=True) as session:
        total = session.scalars(select(func.sum(PosTransaction.total))).one()
        paid = session.scalars(select(func.sum(PosTender.amount))).one()
        assert total == paid == Decimal("2643.72")


def test_the_same_log_twice_changes_nothing_and_says_so(
    databases: Databases, bring: Import
) -> None:
    bring(EXAMPLE)
    before = everything(databases)
    result = bring(EXAMPLE)
    assert not result.has_changes
    assert result.counts["unchanged"] == 51
    assert everything(databases) == before


def test_a_packed_log_is_the_same_log(bring: Import) -> None:
    bring(EXAMPLE)
    assert not bring(gzip.compress(EXAMPLE.read_bytes())).has_changes


def test_a_dry_run_counts_everything_and_writes_nothing(
    databases: Databases, bring: Import
) -> None:
    result = bring(EXAMPLE, dry_run=True)
    assert (result.counts["created"], result.counts["products"]) == (51, 386)
    assert set(count(databases).values()) == {0}
    assert bring(EXAMPLE).counts == result.counts


def test_the_same_transaction_twice_in_one_log_is_written_once(
    databases: Databases, bring: Import
) -> None:
    result = bring(log(sale(1), sale(2), sale(1)))
    assert (result.counts["created"], result.counts["unchanged"]) == (2, 1)
    assert count(databases)["pos_transactions"] == 2


def test_the_same_id_with_other_content_is_refused_and_the_first_stays(
    databases: Databases, bring: Import
) -> None:
    result = bring(log(sale(1), sale(1, line(price="9.99"))))
    assert (result.counts["created"], result.counts["refused"]) == (1, 1)
    assert "differs from what is stored" in result.rejects[0].reason
    again = bring(log(sale(1, line(price="7.77"))))
    assert again.counts["refused"] == 1
    with transaction(databases.trainwreck, read_only=True) as session:
        assert session.scalars(select(PosTransaction.total)).one() == Decimal("2.50")


def test_replace_takes_the_other_content_and_forgets_the_refusal(
    databases: Databases, bring: Import
) -> None:
    bring(log(sale(1, line(), line())))
    changed = log(sale(1, line(price="9.99")))
    assert bring(changed).counts["refused"] == 1
    assert count(databases)["pos_rejects"] == 1
    assert bring(changed, replace=True).counts["replaced"] == 1
    assert not bring(changed, replace=True).has_changes
    rows = count(databases)
    assert (rows["pos_transactions"], rows["pos_lines"], rows["pos_rejects"]) == (1, 1, 0)


def test_two_systems_may_use_the_same_ids(databases: Databases, bring: Import) -> None:
    bring(log(sale(1)))
    assert bring(log(sale(1)), system="other").counts["created"] == 1
    assert count(databases)["pos_transactions"] == 2


def test_bad_entries_are_named_and_kept_and_the_others_go_in(
    databases: Databases, bring: Import
) -> None:
    bad = sale(2).replace("<Quantity>1<", "<Quantity>one<")
    result = bring(log(sale(1), bad, sale(3)))
    assert result.error is None
    assert (result.counts["created"], result.counts["refused"]) == (2, 1)
    reject = result.rejects[0]
    assert str(reject).endswith(
        f"log.xml:3:{bad.index('<Quantity>') + 1}: transaction 9/1/2026-11-20/2:"
        " Sale/Quantity 'one' is not a number such as 12.34"
    ), str(reject)
    bring(log(sale(1), bad, sale(3)))
    with transaction(databases.trainwreck, read_only=True) as session:
        kept = session.scalars(select(PosReject)).one()
    assert (kept.entry, kept.line, kept.value) == ("9/1/2026-11-20/2", 3, "one")
    # What was kept is the entry itself: mended, it can be imported from there.
    mended = f"<POSLog>{kept.raw}</POSLog>".replace(">one<", ">1<")
    assert bring(mended).counts["created"] == 1
    assert count(databases)["pos_rejects"] == 0


def test_an_item_with_a_wrong_check_digit_is_refused_and_its_sale_is_kept(
    databases: Databases, bring: Import
) -> None:
    result = bring(log(sale(1, line("036000291453"), line(), line("036000291454"))))
    assert (result.counts["created"], result.counts["refused_items"]) == (1, 2)
    assert "check digit should be 2, not 3" in result.rejects[0].reason
    rows = count(databases)
    assert (rows["pos_lines"], rows["products"], rows["pos_rejects"]) == (3, 1, 2)


def test_a_log_that_breaks_off_gives_what_is_whole_and_the_next_run_the_rest(
    databases: Databases, bring: Import
) -> None:
    whole = EXAMPLE.read_bytes()
    result = bring(whole[: len(whole) // 2])
    assert result.error is not None
    assert "breaks off" in result.error.message
    first = result.counts["created"]
    assert f"the {first} POS transactions before that are in" in result.error.message
    assert 10 < first < 45
    healed = bring(whole)
    assert (healed.counts["created"], healed.counts["unchanged"]) == (51 - first, first)
    bring_all = count(databases)
    assert (bring_all["pos_lines"], bring_all["products"]) == (552, 386)


def test_a_packed_log_that_breaks_off_does_the_same(databases: Databases, bring: Import) -> None:
    packed = gzip.compress(EXAMPLE.read_bytes())
    result = bring(packed[: len(packed) // 2])
    assert result.error is not None
    assert "ends before its end" in result.error.message
    assert result.counts["created"] > 10
    assert bring(packed).counts["unchanged"] == result.counts["created"]
    assert count(databases)["pos_transactions"] == 51


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"gtin;description\n", "nor any XML"),
        (b"<html/>", "root element is <html>"),
        (f"<!DOCTYPE x><POSLog>{sale(1)}</POSLog>".encode(), "document type"),
        (
            gzip.compress(f"{ROOT}{sale(1)}".encode() + b" " * 90_000_000),
            "times its size, as a zip bomb",
        ),
    ],
)
def test_what_is_no_log_or_dangerous_writes_nothing(
    databases: Databases, bring: Import, content: bytes, words: str
) -> None:
    result = bring(content, limits=Limits(free_mib=8))
    assert result.error is not None
    assert words in result.error.message
    assert not result.counts
    assert set(count(databases).values()) == {0}


def test_a_bomb_behind_many_good_entries_writes_nothing_either(
    databases: Databases, bring: Import
) -> None:
    good = "".join(sale(n) for n in range(1200))
    bomb = gzip.compress(f"{ROOT}{good}".encode() + b" " * 90_000_000)
    assert bring(bomb, limits=Limits(free_mib=8)).error is not None
    assert set(count(databases).values()) == {0}


@pytest.mark.parametrize(("dies", "is_half_in"), [("trainwreck", True), ("poser", False)])
def test_a_crash_at_the_commits_is_healed_by_the_next_run(
    databases: Databases, bring: Import, postgresql: Server, dies: str, *, is_half_in: bool
) -> None:
    def crash(_connection: object) -> None:
        postgresql.end_connections(getattr(databases, dies).url.database)

    event.listen(databases.poser, "commit", crash)
    with pytest.raises(Unavailable, match="the database went away"):
        bring(EXAMPLE)
    event.remove(databases.poser, "commit", crash)
    rows = count(databases)
    assert (rows["products"], rows["pos_transactions"]) == (386 if is_half_in else 0, 0)
    healed = bring(EXAMPLE)
    assert (healed.counts["created"], healed.counts["products"]) == (51, 0 if is_half_in else 386)
    assert not bring(EXAMPLE).has_changes


def test_two_imports_of_one_system_exclude_each_other(databases: Databases, bring: Import) -> None:
    with databases.trainwreck.connect() as other:
        other.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended('import poslog poslog', 0))")
        )
        with pytest.raises(Unavailable, match="another import of POS logs"):
            bring(EXAMPLE)
        assert bring(log(sale(1)), system="other").counts["created"] == 1
    assert bring(EXAMPLE).counts["created"] == 51


def test_a_database_that_is_down_is_named(poser_db: Engine) -> None:
    down = engine("postgresql+psycopg2:///trainwreck?host=/nowhere")
    with pytest.raises(Unavailable, match="database 'trainwreck' does not answer"):
        import_file(
            str(EXAMPLE), Databases(poser=poser_db, trainwreck=down), Options(), lambda _: None
        )


def test_a_database_without_tables_asks_for_the_upgrade(
    postgresql: Server, poser_db: Engine
) -> None:
    name = postgresql.create()
    bare = engine(postgresql.url(name))
    with pytest.raises(Unavailable, match="a table is missing") as caught:
        import_file(
            str(EXAMPLE), Databases(poser=poser_db, trainwreck=bare), Options(), lambda _: None
        )
    assert "poser db upgrade" in caught.value.hint
    bare.dispose()
    postgresql.drop(name)


def test_a_product_that_is_there_keeps_what_people_wrote(
    databases: Databases, bring: Import
) -> None:
    with transaction(databases.poser) as session:
        produce = Department(number="12", name="Our dairy")
        session.add_all([produce, Store(number="9", name="Main Street")])
        session.flush()
        session.add(Product(gtin=int(MILK), description="Whole milk"))
    result = bring(log(sale(1)))
    assert {kind: result.counts[kind] for kind in ("products", "departments", "stores")} == {
        "products": 0,
        "departments": 0,
        "stores": 0,
    }
    with transaction(databases.poser, read_only=True) as session:
        product = session.scalars(select(Product)).one()
        assert (product.description, product.department_name) == ("Whole milk", "")
    assert prices(databases) == [("2.50", "20", None)]


def test_codes_find_the_product_they_belong_to(databases: Databases, bring: Import) -> None:
    with transaction(databases.poser) as session:
        milk = Product(description="Milk", codes=[ProductCode(code="00036000291452")])
        bananas = Product(description="Bananas", plu=4011)
        session.add_all([milk, bananas])
    items = [line(), line("00000000040112"), line("SKU-1", kind="SKU"), line("4011", kind="PLU")]
    assert bring(log(sale(1, *items))).counts["products"] == 1
    assert bring(log(sale(2, *items))).counts["products"] == 0
    with transaction(databases.poser, read_only=True) as session:
        own = session.scalars(select(Product).where(Product.gtin.is_(None), Product.plu.is_(None)))
        assert {p.codes[0].code for p in own if p.codes} == {"00036000291452", "SKU-1"}


def test_the_tills_own_number_becomes_another_code(databases: Databases, bring: Import) -> None:
    items = [
        line(more="<ItemID>A-100</ItemID>"),
        line("4006381333931", more="<ItemID>04006381333931</ItemID>"),
    ]
    assert bring(log(sale(1, *items))).counts["codes"] == 1
    with transaction(databases.poser, read_only=True) as session:
        assert session.scalars(select(ProductCode.code)).all() == ["A-100"]


DAYS = {"a": ("18", "1.00"), "b": ("19", "1.00"), "c": ("20", "2.00"), "d": ("21", "1.50")}


@pytest.mark.parametrize("order", ["abcd", "dcba", "cadb", "bdac", "dbca"])
def test_prices_are_right_in_whatever_order_logs_come(
    databases: Databases, bring: Import, order: str
) -> None:
    for letter in order:
        day, price = DAYS[letter]
        bring(log(sale(1, line(price=price), date=f"2026-11-{day}")))
    assert prices(databases) == [("1.00", "18", "20"), ("2.00", "20", "21"), ("1.50", "21", None)]
    before = everything(databases)
    for letter in order:
        day, price = DAYS[letter]
        bring(log(sale(1, line(price=price), date=f"2026-11-{day}")))
    assert everything(databases) == before


def test_one_log_of_many_days_gives_the_same_prices(databases: Databases, bring: Import) -> None:
    days = [sale(1, line(price=price), date=f"2026-11-{day}") for day, price in DAYS.values()]
    bring(log(*days))
    assert prices(databases) == [("1.00", "18", "20"), ("2.00", "20", "21"), ("1.50", "21", None)]


def test_the_last_price_of_a_day_counts(databases: Databases, bring: Import) -> None:
    bring(
        log(
            sale(1, line(price="3.00"), time="19:00:00Z"),
            sale(2, line(price="2.00"), time="10:00:00Z"),
        )
    )
    assert prices(databases) == [("3.00", "20", None)]


def test_each_store_has_its_own_prices(databases: Databases, bring: Import) -> None:
    bring(log(sale(1, line(price="3.00")), sale(1, line(price="2.00"), store="10")))
    assert sorted(price for price, _from, _to in prices(databases)) == ["2.00", "3.00"]


def test_training_sales_make_no_products(databases: Databases, bring: Import) -> None:
    bring(log(sale(1, attributes='TrainingModeFlag="true"')))
    rows = count(databases)
    assert (rows["pos_transactions"], rows["products"]) == (1, 0)


def test_odd_characters_arrive_as_they_are(databases: Databases, bring: Import) -> None:
    odd = "Crème \\N 50% <fat> \"x\" 'y' \u2028 \U0001f95b"
    bring(log(sale(1, line(description=odd))))
    with transaction(databases.trainwreck, read_only=True) as session:
        assert session.scalars(select(PosLine.description)).one() == odd
    with transaction(databases.poser, read_only=True) as session:
        assert session.scalars(select(Product.description)).one() == odd


def test_times_are_stored_as_utc(databases: Databases, bring: Import) -> None:
    bring(log(sale(1, time="18:30:00")), zone=ZoneInfo("America/Chicago"))
    with transaction(databases.trainwreck, read_only=True) as session:
        ended = session.scalars(select(PosTransaction.ended_at)).one()
    assert ended == datetime(2026, 11, 21, 0, 30, tzinfo=UTC)


def test_a_log_of_many_batches_is_one_transaction(databases: Databases, bring: Import) -> None:
    many = [sale(n, line(), line("4006381333931")) for n in range(1, 1301)]
    result = bring(log(*many))
    assert (result.counts["created"], result.counts["lines"]) == (1300, 2600)
    assert bring(log(*many)).counts["unchanged"] == 1300
    with databases.poser.connect() as connection:
        analyzed = connection.execute(
            text("SELECT reltuples FROM pg_class WHERE relname = 'products'")
        ).scalar_one()
    assert analyzed == -1, "a small load needs no ANALYZE"
    with databases.trainwreck.connect() as connection:
        analyzed = connection.execute(
            text("SELECT reltuples FROM pg_class WHERE relname = 'pos_lines'")
        ).scalar_one()
    assert analyzed == 2600
