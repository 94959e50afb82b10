# SPDX-License-Identifier: Apache-2.0
"""Other databases are read in one moment, and what they lack is said."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.errors import ImportFailed, Unavailable
from poser.importing.asked import Asked
from poser.importing.fields import Field
from poser.importing.formats.databases import DatabaseSource
from poser.importing.importer import Importer, Made
from poser.importing.result import RunStatus
from poser.importing.running import run
from poser.importing.sources.database import Database
from poser.importing.sources.http import Web
from poser.importing.sources.poser import Poser
from poser.importing.watching import Progress, Step
from poser.model import Brand
from tests.support.importers import rows
from tests.support.postgresql import Server

pytestmark = pytest.mark.postgresql

NAMES = "SELECT name FROM brands ORDER BY name"


def importer(source: str) -> Importer:
    fields = (Field("name"),)
    return Made(model=Brand, key=("name",), fields=fields, source=source).importer()


def address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def brands(engine: Engine, count: int) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO brands (name) SELECT 'Brand ' || n FROM generate_series(1, :n) AS n"),
            {"n": count},
        )


def test_all_is_read_of_one_moment(shop_db: Engine) -> None:
    with DatabaseSource(address(shop_db)) as source:
        assert source.names("public.brands") is not None
        with shop_db.begin() as connection:
            connection.execute(text("INSERT INTO brands (name) VALUES ('Late')"))
        found = source.rows(importer("public.brands"))
        assert found is not None
        assert sorted(values[0] for _, values in found.items) == ["=Formula & Co", "Acme"]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("SELECT nextval('import_runs_number_seq')::text AS name", "cannot execute nextval"),
        (
            "WITH gone AS (DELETE FROM brands RETURNING name) SELECT name FROM gone",
            "must not contain data-modifying",
        ),
    ],
)
def test_nothing_is_written_there(shop_db: Engine, query: str, why: str) -> None:
    with DatabaseSource(address(shop_db)) as source, pytest.raises(ImportFailed, match=why):
        list(getattr(source.rows(importer(query)), "items", ()))
    assert len(rows(shop_db, NAMES)) == 2


def test_a_database_that_dies_half_way_changes_nothing(
    shop_db: Engine, other_db: Engine, postgresql: Server
) -> None:
    brands(shop_db, 20_000)

    def kill(progress: Progress) -> None:
        if progress.step is Step.READING and progress.records:
            postgresql.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'poser import'"
            )

    asked = Asked(where=address(shop_db), models=("Brand",))
    done = run(Poser(), asked, {"poser": other_db}, kill)
    assert done.status is RunStatus.FAILED
    assert "does not answer: server closed the connection" in done.why
    assert rows(other_db, NAMES) == []


def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    where = f"postgresql://poser@/shop?host={tmp_path}"
    with pytest.raises(Unavailable, match="does not answer"):
        DatabaseSource(where).__enter__()


def test_tables_called_as_ours_are_imported_from_any_database(
    shop_db: Engine, other_db: Engine
) -> None:
    asked = Asked(where=address(shop_db), models=("Brand",), without=("is_confirmed",))
    done = run(Database(), asked, {"poser": other_db})
    assert (done.status, done.models[0].created) == (RunStatus.DONE, 2), done.why
    assert rows(other_db, NAMES) == rows(shop_db, NAMES)
    missing = run(Database(), Asked(where=address(shop_db)), {"poser": other_db})
    assert missing.status is RunStatus.FAILED


def test_a_node_of_another_release_is_not_taken_for_the_same(
    shop_db: Engine, other_db: Engine, postgresql: Server
) -> None:
    owner = postgresql.connect(str(shop_db.url.database), user="postgres")
    with owner, owner.cursor() as cursor:
        cursor.execute("ALTER TABLE brands DROP COLUMN is_confirmed CASCADE")
    owner.close()
    asked = Asked(where=address(shop_db), models=("Brand",))
    done = run(Poser(), asked, {"poser": other_db})
    assert (done.status, rows(other_db, NAMES)) == (RunStatus.FAILED, [])
    assert "brands lacks is_confirmed" in done.why
    asked = Asked(where=address(shop_db), models=("Brand",), options=(("lacking", "yes"),))
    assert run(Poser(), asked, {"poser": other_db}).changes == 2


@pytest.fixture
def service() -> Iterator[str]:
    """Give the address of a service with two pages of brands."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers.get("Authorization") != "Bearer secret":
                self.send_response(401)
                self.end_headers()
                return
            names = ["Cee"] if "page=2" in self.path else ["Aye", "Bee"]
            following = None if "page=2" in self.path else f"{self.path}?page=2"
            page = {"data": [{"name": one} for one in names], "next": following}
            content = json.dumps(page).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/brands"
        running.shutdown()
        thread.join()


def test_json_from_the_web_is_imported_with_a_token(
    other_db: Engine, service: str, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n")
    options = (("records", "data"), ("following", "next"))
    asked = Asked(where=service, models=("Brand",), options=options)
    refused = run(Web(), asked, {"poser": other_db})
    assert (refused.status, "401" in refused.why) == (RunStatus.FAILED, True)
    options += (("token-file", str(token)),)
    done = run(Web(), Asked(where=service, models=("Brand",), options=options), {"poser": other_db})
    assert (done.status, done.why) == (RunStatus.DONE, "")
    assert rows(other_db, NAMES) == [("Aye",), ("Bee",), ("Cee",)]
