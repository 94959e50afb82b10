# SPDX-License-Identifier: Apache-2.0
"""The food co-op of examples/coop: its branch, its tables, its commands."""

import json
import sys
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import make_url

from tests.support.extended import ExtendedNode
from tests.support.postgresql import APPLICATION, OWNER, Server

pytestmark = pytest.mark.postgresql

TABLES = ("coop_certificates", "coop_products", "coop_share_purchases")
PRODUCT = """
INSERT INTO products (gtin, plu, description) VALUES (NULL, 4011, 'Bananas') RETURNING id
"""
MEMBER = "INSERT INTO people (display_name) VALUES ('Ada Berg') RETURNING id"
CERTIFY = "coop certify 4011 --number 12-345 --certifier US-ORG-021 --first-day 2026-01-01"


@pytest.fixture
def database(coop: ExtendedNode) -> str:
    """Return the name of the co-op's poser database."""
    text = (coop.folder / f"{OWNER}.conf").read_text(encoding="utf-8")
    url = next(line for line in text.splitlines() if line.startswith("url = "))
    return make_url(url.removeprefix("url = ")).database or ""


def rows(server: Server, database: str, statement: str) -> list[tuple[object, ...]]:
    """Run a statement as the application, in psql's way, and commit it."""
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_its_tables_are_as_its_models_say(coop: ExtendedNode) -> None:
    done = coop.poser("db check poser --json")
    assert json.loads(done.out)["poser"] == [], done.err
    lines = coop.poser("db status poser").out.splitlines()
    assert lines[2].split() == ["poser/coop", "current", "coop_0002", "-"]


def test_its_tables_are_imported_and_exported_as_posers_own(
    coop: ExtendedNode, postgresql: Server, database: str, tmp_path: Path
) -> None:
    rows(postgresql, database, PRODUCT)
    path = tmp_path / "local.csv"
    path.write_text("product.plu,is_local,producer\n4011,yes,Ada's farm\n9,yes,Nobody\n")
    done = coop.poser(f"import csv CoopProduct --from {path}")
    assert "CoopProduct" in done.out
    assert done.code == 5, done.err
    assert "there is no product with this plu" in done.err
    explained = coop.poser(f"import explain csv CoopProduct line:2 --from {path}")
    assert "nothing to change" in explained.out, explained.err
    out = tmp_path / "out.csv"
    assert coop.poser(f"export csv CoopProduct --to {out} --fields producer").code == 0
    assert out.read_text().splitlines()[1].endswith("Ada's farm")


def test_up_down_up_gives_the_same_tables_and_leaves_posers_own_alone(
    coop: ExtendedNode, postgresql: Server, database: str
) -> None:
    own = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    before = rows(postgresql, database, own)
    done = coop.poser("db downgrade coop --to base --yes")
    assert done.code == 0, done.err
    assert done.out == "coop: undid coop_0002, coop_0001\n"
    assert "loses table coop_certificates with 0 rows" in done.err
    left = rows(postgresql, database, "SELECT relname FROM pg_class WHERE relname ~ '^coop'")
    assert left == []
    assert "coop_0001, coop_0002" in coop.poser("db status poser").out
    assert coop.poser("db upgrade poser").out == "poser: ran coop_0001, coop_0002\n"
    assert rows(postgresql, database, own) == before
    assert json.loads(coop.poser("db check poser --json").out)["poser"] == []


def test_posers_own_revisions_take_those_with_them_that_need_them(coop: ExtendedNode) -> None:
    done = coop.poser("db downgrade poser --to poser_0009 --yes")
    assert done.code == 0, done.err
    assert done.out.startswith("poser: undid coop_0002, poser_00")
    assert done.out.endswith("poser_0010\n")
    assert "loses table coop_share_purchases" in done.err
    assert "loses table members" in done.err
    assert "coop_0001" not in done.out
    ran = coop.poser("db upgrade poser").out
    assert ran.startswith("poser: ran poser_0010, ")
    assert ran.endswith(", coop_0002\n")


def test_a_downgrade_asks_first_and_loses_nothing_without_an_answer(
    coop: ExtendedNode, postgresql: Server, database: str
) -> None:
    rows(postgresql, database, PRODUCT)
    assert coop.poser(f"{CERTIFY} --last-day 2026-12-31").code == 0
    for answer in ("", "n\n"):
        done = coop.poser("db downgrade coop --to base", stdin=answer)
        assert done.code == 1
        assert "loses table coop_certificates with 1 rows" in done.err
        assert "error: nothing was undone" in done.err
    assert rows(postgresql, database, "SELECT number FROM coop_certificates") == [("12-345",)]
    done = coop.poser("db downgrade coop --to coop_0001", stdin="y\n")
    assert done.code == 0
    assert rows(postgresql, database, "SELECT number FROM coop_certificates") == [("12-345",)]


def test_without_its_line_in_the_settings_its_tables_stay_and_nothing_breaks(
    coop: ExtendedNode, postgresql: Server, database: str
) -> None:
    rows(postgresql, database, PRODUCT)
    assert coop.poser(f"{CERTIFY} --last-day 2026-12-31").code == 0
    coop.name_none()
    status = coop.poser("db status poser")
    assert status.code == 0
    assert status.out.splitlines()[2].split() == ["poser/coop", "left", "coop_0002", "-"]
    assert coop.poser("db upgrade poser").code == 0
    assert json.loads(coop.poser("db check poser --json").out)["poser"] == []
    assert coop.poser("coop certificates").code == 2
    assert "coop" not in coop.poser("--help").out.split("Commands:")[1]
    assert rows(postgresql, database, "DELETE FROM products RETURNING plu") == [(4011,)]
    coop.name("poser_coop")
    assert coop.poser("db status poser").out.splitlines()[2].split()[1] == "current"


def test_the_application_reads_its_revision_and_cannot_change_it(
    coop: ExtendedNode, postgresql: Server, database: str
) -> None:
    del coop
    found = rows(postgresql, database, "SELECT version_num FROM alembic_version_coop")
    assert found == [("coop_0002",)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        rows(postgresql, database, "DELETE FROM alembic_version_coop")


KEPT = """
SELECT t.source, t.via, v.kind, v.new -> 'number', v.new ? 'document'
FROM versions v JOIN history_transactions t ON t.id = v.transaction_id
WHERE v.table_id = (SELECT id FROM recorded_tables WHERE name = 'coop_certificates')
"""
CAPTURED = """
SELECT operation FROM capture
WHERE table_id = (SELECT id FROM recorded_tables WHERE name = 'coop_certificates')
"""


def test_its_tables_have_history_and_capture_as_products_have(
    coop: ExtendedNode, postgresql: Server, database: str, tmp_path: Path
) -> None:
    triggers = {
        table: rows(
            postgresql,
            database,
            "SELECT tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"  # noqa: S608
            " WHERE p.proname IN ('keep_changes', 'refuse_truncate', 'refuse_new_id')"
            f" AND tgrelid = '{table}'::regclass ORDER BY 1",
        )
        for table in ("products", *TABLES)
    }
    assert triggers["products"]
    assert triggers == dict.fromkeys(triggers, triggers["products"])
    rows(postgresql, database, PRODUCT)
    document = tmp_path / "certificate.pdf"
    document.write_bytes(b"%PDF-1.7")
    assert coop.poser(f"{CERTIFY} --last-day 2026-12-31 --document {document}").code == 0
    ((source, via, kind, number, has_document),) = rows(postgresql, database, KEPT)
    assert (source, kind, number, has_document) == ("command", "insert", "12-345", False)
    assert " coop certify 4011 " in str(via)
    assert rows(postgresql, database, CAPTURED) == [("insert",)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        rows(postgresql, database, "DELETE FROM versions")


def test_programs_refuse_to_start_without_its_newest_revision(coop: ExtendedNode) -> None:
    program = (
        "from pathlib import Path; from poser.config import load;"
        " from poser.db.settings import url; from poser.db.schema import require_schema;"
        " from poser.extensions.configured import extensions;"
        f" config = load([Path('{APPLICATION}.conf')]);"
        " require_schema({'poser': url(config, 'poser')}, extensions(config))"
    )
    ask = [sys.executable, "-c", program]
    assert coop.run(ask).code == 0
    assert coop.poser("db downgrade coop --to coop_0001 --yes").code == 0
    said = coop.run(ask).err.splitlines()[-1]
    assert said.endswith(
        "database 'poser' has coop_0001 of extension coop, but extension coop needs coop_0002"
    )
    coop.name_none()
    assert coop.run(ask).code == 0


def test_a_certificate_is_added_and_listed_before_it_ends(
    coop: ExtendedNode, postgresql: Server, database: str, tmp_path: Path
) -> None:
    rows(postgresql, database, PRODUCT)
    document = tmp_path / "certificate.pdf"
    document.write_bytes(b"%PDF-1.7")
    done = coop.poser(f"{CERTIFY} --last-day 2026-06-30 --document {document}")
    assert done.out == "Bananas is certified from 2026-01-01 to 2026-06-30\n", done.err
    (found,) = json.loads(coop.poser("coop certificates --json").out)
    assert (found["product"], found["number"]) == ("Bananas", "12-345")
    assert found["last_day"] == "2026-06-30"
    assert found["days_left"] < 0
    later = CERTIFY.replace("2026-01-01", "2026-07-01").replace("12-345", "12-346")
    assert coop.poser(f"{later} --last-day 2999-12-31").code == 0
    assert json.loads(coop.poser("coop certificates --json").out) == []
    assert coop.poser("coop certificates").out == "no certificate ends within 60 days\n"
    kept = rows(postgresql, database, "SELECT document_name, document FROM coop_certificates")
    assert ("certificate.pdf", b"%PDF-1.7") in [(name, bytes(x or b"")) for name, x in kept]


REFUSED = {
    f"{CERTIFY} --last-day 2026-02-01": "Bananas has a certificate between 2026-01-01 and",
    f"{CERTIFY} --last-day 2025-12-31": "cannot hold from 2026-01-01 to 2025-12-31",
    CERTIFY.replace("4011", "4012") + " --last-day 2026-02-01": "'4012' finds no products",
    f"{CERTIFY} --last-day 2027-02-01 --document /nowhere": "cannot read /nowhere: No such",
    "coop buy 1042 1 --price 25": "there is no member '1042'",
    "coop buy 7 -1 --price 25": "No such option '-1'",
    "coop buy 7 1 --price cheap": "'cheap' is no amount of money",
    "coop buy --price 25 7 -- -3": "member 7 has 2 shares and cannot return 3",
}


def test_what_cannot_be_is_one_clear_error_and_changes_nothing(
    coop: ExtendedNode, postgresql: Server, database: str
) -> None:
    rows(postgresql, database, PRODUCT)
    ((person,),) = rows(postgresql, database, MEMBER)
    add = f"INSERT INTO members (number, person_id) VALUES ('7', '{person}')"  # noqa: S608
    rows(postgresql, database, add)
    assert coop.poser(f"{CERTIFY} --last-day 2026-12-31").code == 0
    assert coop.poser("coop buy 7 2 --price 25").code == 0
    counts = "SELECT (SELECT count(*) FROM coop_certificates), sum(shares) FROM "
    before = rows(postgresql, database, f"{counts} coop_share_purchases")
    for line, words in REFUSED.items():
        done = coop.poser(line)
        assert done.code in {1, 2}, line
        assert done.err.startswith("error: ")
        assert words in done.err
    assert rows(postgresql, database, f"{counts} coop_share_purchases") == before


def test_shares_and_payments_are_summed_by_member(
    coop: ExtendedNode, postgresql: Server, database: str
) -> None:
    ((person,),) = rows(postgresql, database, MEMBER)
    ((member,),) = rows(
        postgresql,
        database,
        f"INSERT INTO members (number, person_id) VALUES ('0042', '{person}') RETURNING id",  # noqa: S608
    )
    assert coop.poser("coop equity").out == "no member has bought shares\n"
    assert coop.poser("coop buy 0042 4 --price 25.00").code == 0
    for amount, status in (("60", "received"), ("20", "void")):
        rows(
            postgresql,
            database,
            "INSERT INTO member_equity_payments (member_id, amount, received_at, status)"  # noqa: S608
            f" VALUES ('{member}', {amount}, now(), '{status}')",
        )
    (found,) = json.loads(coop.poser("coop equity --json").out)
    assert found == {
        "member": "0042", "shares": 4, "price": "100.000", "paid": "60.000", "open": "40.000",
        "full": False,
    }  # fmt: skip
    assert coop.poser("coop equity --open").out.count("0042") == 1


def test_its_settings_are_known_and_checked(coop: ExtendedNode) -> None:
    path = coop.folder / f"{APPLICATION}.conf"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}[coop]\ncertificate_warning_days = soon\n", encoding="utf-8")
    done = coop.poser("config check")
    assert "coop.certificate_warning_days must be a whole number" in done.err
    path.write_text(f"{text}[coop]\ncertificate_warning = 3\n", encoding="utf-8")
    assert "did you mean coop.certificate_warning_days?" in coop.poser("config check").err
    path.write_text(f"{text}[coop]\ncertificate_warning_days = 3\n", encoding="utf-8")
    assert coop.poser("coop certificates").out == "no certificate ends within 3 days\n"


def test_it_is_listed_with_all_that_it_adds(coop: ExtendedNode) -> None:
    (found,) = json.loads(coop.poser("extension list --json").out)
    assert found["package"] == "poser_coop"
    assert found["head"] == "coop_0002"
    assert tuple(found["tables"]) == TABLES
    assert found["commands"] == ["coop"]
    assert "coop_certificates.edit" in found["permissions"]
    assert "coop.full_shares" in found["settings"]
    assert "coop_certificates" in coop.poser("extension list").out
