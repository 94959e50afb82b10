# SPDX-License-Identifier: Apache-2.0
"""Each id of each POS system stands for one POS transaction, across all months."""

import threading
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from poser.db import engine
from tests.support.postgresql import Server
from tests.support.sales import add_part, add_pos_transaction

pytestmark = pytest.mark.postgresql


def keys(connection: Connection) -> list[tuple[str, str, date]]:
    rows = connection.execute(
        text("SELECT system, system_id, business_date FROM pos_transaction_keys ORDER BY 1, 2")
    )
    return [(row[0], row[1], row[2]) for row in rows]


def test_an_id_cannot_come_twice_even_on_another_date(trainwreck_db: Engine) -> None:
    with trainwreck_db.begin() as connection:
        add_pos_transaction(connection, 1)
    for day in (date(2026, 11, 20), date(2026, 12, 1), date(2019, 1, 1)):
        with (
            pytest.raises(IntegrityError, match="pk_pos_transaction_keys"),
            trainwreck_db.begin() as connection,
        ):
            add_pos_transaction(connection, 1, business_date=day)
    with trainwreck_db.begin() as connection:
        add_pos_transaction(connection, 1, system="other")
        assert len(keys(connection)) == 2


def test_one_copy_with_the_same_id_twice_is_refused_whole(trainwreck_db: Engine) -> None:
    statement = text(
        "INSERT INTO pos_transactions (business_date, system, system_id, kind, store_number,"
        " terminal, receipt_number, started_at, ended_at)"
        " SELECT date '2026-10-31' + n, 'x', '1', 'sale', '9', '1', '1', now(), now()"
        " FROM generate_series(0, 1) n"
    )
    with pytest.raises(IntegrityError, match="already exists"), trainwreck_db.begin() as connection:
        connection.execute(statement)
    with trainwreck_db.begin() as connection:
        assert keys(connection) == []


def test_a_key_follows_its_pos_transaction(trainwreck_db: Engine) -> None:
    with trainwreck_db.begin() as connection:
        add_pos_transaction(connection, 1)
        add_pos_transaction(connection, 2)
        connection.execute(text("UPDATE pos_transactions SET total = 1, fingerprint = '\\x01'"))
        # The two swap their ids in one statement.
        connection.execute(
            text("UPDATE pos_transactions SET system_id = (3 - system_id::int)::text")
        )
        assert [key[1] for key in keys(connection)] == ["1", "2"]
        wrong = connection.execute(
            text(
                "SELECT count(*) FROM pos_transactions t FULL JOIN pos_transaction_keys k"
                " ON k.transaction_id = t.id AND k.system_id = t.system_id"
                " AND k.fingerprint = t.fingerprint AND k.business_date = t.business_date"
                " WHERE t.id IS NULL OR k.transaction_id IS NULL"
            )
        ).scalar_one()
        assert wrong == 0
        connection.execute(text("DELETE FROM pos_transactions WHERE system_id = '1'"))
        assert [key[1] for key in keys(connection)] == ["2"]


@pytest.mark.parametrize("change", ["business_date = business_date + 40", "id = uuid7()"])
@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2019, 1, 1)])
def test_the_key_of_a_pos_transaction_never_changes(
    trainwreck_db: Engine, change: str, day: date
) -> None:
    with trainwreck_db.begin() as connection:
        found = add_pos_transaction(connection, 1, business_date=day)
        add_part(connection, "pos_lines", found, 1)
    with pytest.raises(DBAPIError, match="never change"), trainwreck_db.begin() as connection:
        connection.execute(text(f"UPDATE pos_transactions SET {change}"))  # noqa: S608 - as above
    with trainwreck_db.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM pos_lines")).scalar_one() == 1


def test_the_application_cannot_write_keys_or_sales(trainwreck_db: Engine) -> None:
    for table in ("pos_transaction_keys", "sales_hours", "sales_departments", "sales_tenders"):
        for statement in ("DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES"):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                trainwreck_db.begin() as connection,
            ):
                connection.execute(text(statement.format(table)))


def test_nobody_empties_a_table_of_parts_at_once(trainwreck_db: Engine, postgresql: Server) -> None:
    owner = engine(postgresql.owner_url(str(trainwreck_db.url.database)))
    for table in ("pos_lines", "pos_lines_default", "pos_transactions, pos_lines"):
        with pytest.raises(DBAPIError, match="TRUNCATE would leave"), owner.begin() as connection:
            connection.execute(text(f"TRUNCATE {table} CASCADE"))
    owner.dispose()


def test_of_two_writers_of_one_id_one_wins(trainwreck_db: Engine) -> None:
    began = threading.Barrier(2)
    outcomes: list[str] = []

    def write(day: date) -> None:
        try:
            with trainwreck_db.begin() as connection:
                connection.execute(text("SELECT 1"))
                began.wait(10)
                add_pos_transaction(connection, 7, business_date=day)
            outcomes.append("written")
        except IntegrityError:
            outcomes.append("refused")

    threads = [
        threading.Thread(target=write, args=(day,))
        for day in (date(2026, 11, 1), date(2026, 12, 1))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["refused", "written"]
