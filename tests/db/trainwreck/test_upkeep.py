# SPDX-License-Identifier: Apache-2.0
"""`poser db upkeep` makes room ahead in every database, and says what it did."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from poser.cli.app import run
from poser.databases import DATABASES
from tests.support.postgresql import Server
from tests.support.sales import add_pos_transaction

pytestmark = pytest.mark.postgresql


@pytest.fixture
def urls(postgresql: Server, templates: dict[str, str]) -> Iterator[dict[str, str]]:
    names = {database: postgresql.create(templates[database]) for database in DATABASES}
    yield {database: postgresql.owner_url(name) for database, name in names.items()}
    for name in names.values():
        postgresql.drop(name)


@pytest.fixture
def command(urls: dict[str, str], tmp_path: Path) -> tuple[str, ...]:
    config = tmp_path / "poser.conf"
    sections = {"db" if name == "poser" else name: url for name, url in urls.items()}
    lines = [f"[{section}]\nurl = {url}\n" for section, url in sections.items()]
    config.write_text("[poser]\nnode = n\nrole = store\nrelease = r\n" + "".join(lines))
    return ("-c", str(config), "db", "upkeep")


def test_rows_that_came_early_or_late_find_their_month(
    command: tuple[str, ...], urls: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    engine = create_engine(urls["trainwreck"])
    with engine.begin() as connection:
        for number, day in enumerate((date(2019, 5, 5), date(2019, 5, 6), date(2087, 1, 1))):
            add_pos_transaction(connection, number, business_date=day)
    assert run((*command, "--json")) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == list(DATABASES)
    assert found["trainwreck"] == {
        "made": [{"table": "pos_transactions", "period": "2019-05", "moved": 2}],
        "waiting": {"pos_transactions": 1},
        "steps": {"rows of sales folded": 0},
    }
    with engine.begin() as connection:
        where = connection.execute(
            text("SELECT tableoid::regclass::text FROM pos_transactions ORDER BY business_date")
        ).scalars()
        assert list(where) == [*["pos_transactions_2019_05"] * 2, "pos_transactions_default"]
    engine.dispose()
    assert run(command) == 0
    said = capsys.readouterr().out
    assert "pos_transactions: 1 rows of days that have no partition" in said
    assert "trainwreck: 0 periods made" in said


def test_room_is_made_for_old_data_of_one_database(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run((*command, "--since", "2024-01")) == 2
    assert "name it" in capsys.readouterr().err
    assert run((*command, "trainwreck", "--since", "2024-01")) == 0
    said = capsys.readouterr().out
    assert "pos_transactions: made 2024-01\n" in said
    assert run((*command, "trainwreck", "--since", "2024-13")) == 2
    assert "no month such as 2026-11" in capsys.readouterr().err


def test_a_partition_that_was_lost_is_made_again_in_every_database(
    command: tuple[str, ...], urls: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for database, table in (("trainwreck", "pos_transactions"), ("tempmon", "readings")):
        engine = create_engine(urls[database])
        with engine.begin() as connection:
            newest = connection.execute(
                text(
                    "SELECT max(inhrelid::regclass::text) FROM pg_inherits"
                    " WHERE inhparent = CAST(:t AS regclass)"
                    " AND inhrelid::regclass::text NOT LIKE '%default'"
                ),
                {"t": table},
            ).scalar_one()
            suffix = newest.removeprefix(table)
            for part in (table, "pos_lines", "pos_discounts", "pos_taxes", "pos_tenders"):
                connection.execute(text(f"DROP TABLE IF EXISTS {part}{suffix} CASCADE"))
        engine.dispose()
        assert run((*command, database, "--json")) == 0
        made = json.loads(capsys.readouterr().out)[database]["made"]
        assert [one["table"] for one in made] == [table]


def test_a_database_that_cannot_be_kept_up_does_not_hold_up_the_others(
    command: tuple[str, ...],
    urls: dict[str, str],
    postgresql: Server,
    capsys: pytest.CaptureFixture[str],
) -> None:
    postgresql.drop(str(make_url(urls["poser"]).database))
    assert run((*command, "--json")) == 4
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert "does not exist" in found["poser"]["error"]
    assert found["tempmon"]["made"] == []
    assert said.err.startswith("error: database ")
    assert run((*command, "poser")) == 1
