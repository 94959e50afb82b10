# SPDX-License-Identifier: Apache-2.0
"""`poser sql` as a program of its own: where it gets, what it may, and as whom."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.cli.psql import environment
from poser.db import transaction
from poser.db.authors import Author
from poser.errors import ConfigError

pytestmark = pytest.mark.postgresql

Sql = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def sql(config: Path) -> Sql:
    def run(*words: str, **around: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (sys.executable, "-m", "poser.cli", "-c", str(config), "sql", *words),
            capture_output=True, text=True, check=False, env={**os.environ, **around}, timeout=60,
        )  # fmt: skip

    return run


def test_it_asks_the_database_that_is_named(sql: Sql) -> None:
    done = sql("trainwreck", "-c", "SELECT current_user, current_database()", "--csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("current_user,current_database\nposer,test_")


def test_it_writes_json(sql: Sql) -> None:
    done = sql("-c", "SELECT 1 AS one, '%' AS sign", "--json")
    assert json.loads(done.stdout) == [{"one": 1, "sign": "%"}], done.stderr


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_without_write_it_refuses_changes(sql: Sql, how: tuple[str, ...]) -> None:
    done = sql("-c", "INSERT INTO brands (name) VALUES ('Alder')", *how)
    assert done.returncode == 1
    assert "read-only transaction" in done.stderr


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_a_change_is_kept_with_the_name_of_who_typed_it(
    sql: Sql, engines: dict[str, Engine], how: tuple[str, ...]
) -> None:
    statement = "INSERT INTO brands (name) VALUES ('Alder')"
    done = sql("--write", "-c", statement, *how, SUDO_USER="anna o'hara\\")
    assert done.returncode == 0, done.stderr
    with transaction(engines["poser"], read_only=True) as session:
        kept = session.execute(
            text("SELECT source, user_name, via FROM history_transactions ORDER BY at")
        )
        assert kept.all()[-1:] == [("command", "anna o'hara\\", "poser sql --write")]


def test_a_file_is_run_whole_or_not_at_all(
    sql: Sql, engines: dict[str, Engine], tmp_path: Path
) -> None:
    script = tmp_path / "two.sql"
    script.write_text("INSERT INTO brands (name) VALUES ('Alder');\nSELECT 1/0;\n")
    done = sql("--write", "-f", str(script))
    assert done.returncode != 0
    assert "division by zero" in done.stderr
    with transaction(engines["poser"], read_only=True) as session:
        assert session.execute(text("SELECT count(*) FROM brands")).scalar_one() == 0


def test_without_psql_it_says_what_to_install(sql: Sql, tmp_path: Path) -> None:
    done = sql(PATH=str(tmp_path))
    assert done.returncode == 1
    assert "error: psql is not installed here" in done.stderr
    assert "hint: apt install postgresql-client" in done.stderr


def test_the_password_is_in_the_environment_and_nowhere_else() -> None:
    url = "postgresql+psycopg2://poser:s%40cret@db.example:5433/poser?sslmode=verify-full"
    made = environment(url, {"PGSERVICE": "other", "HOME": "/nowhere"})
    assert made["PGPASSWORD"] == "s@cret"
    assert (made["PGHOST"], made["PGPORT"], made["PGSSLMODE"]) == (
        "db.example", "5433", "verify-full",
    )  # fmt: skip
    assert "PGSERVICE" not in made
    assert "default_transaction_read_only=on" in made["PGOPTIONS"]
    author = Author(source="command", user_name="anna berg")
    assert "user_name=anna\\ berg" in environment(url, {}, author=author)["PGOPTIONS"]


def test_an_address_that_psql_could_not_follow_is_refused() -> None:
    with pytest.raises(ConfigError, match="gssencmode"):
        environment("postgresql://poser@/poser?gssencmode=disable", {})
