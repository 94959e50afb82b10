# SPDX-License-Identifier: Apache-2.0
"""Conflicts that wait for a person: both sides are kept, and what is taken goes to all nodes."""

from pathlib import Path
from uuid import UUID

import pytest

from poser.cli.app import run
from poser.datasync.resolving import conflicts, differing, resolve
from poser.db.authors import Author, Source, tell
from poser.errors import PoserError
from tests.support.nodes import Chain

pytestmark = pytest.mark.postgresql

KEY = UUID("0190aaaa-0000-7000-8000-00000000000a")


@pytest.fixture
def conflict(chain: Chain) -> UUID:
    """Let the host and store 1 change a customer at once, and a person decide."""
    insert = "INSERT INTO customers (id, number, name, notes) VALUES (:id, '1', 'Kim', 'was')"
    chain.host.run(insert.replace(", notes", "").replace(", 'was'", ""), id=KEY)
    chain.settle()
    chain.host.run("UPDATE customers SET name = 'Kim Host', number = '10'")
    chain["store-1"].run("UPDATE customers SET name = 'Kim Store', number = '20'")
    return opened(chain)


def opened(chain: Chain) -> UUID:
    chain.settle()
    chain.host.run("UPDATE datasync_conflicts SET is_open = true")
    (found,) = chain.host.do(lambda s: [one.id for one in conflicts(s, only_open=True)])
    return found


def everywhere(chain: Chain) -> set[object]:
    """Give what all nodes that have customers say of this one."""
    chain.settle()
    asked = "SELECT number || ' ' || name FROM customers WHERE id = :key"
    return {one.one(asked, key=KEY) for one in (chain.host, *chain.peers)}


def settle(chain: Chain, key: UUID, *theirs: str) -> str:
    return chain.host.do(lambda s: resolve(s, key, theirs=theirs, by="ada"))


def test_until_somebody_decides_the_host_has_its_way(chain: Chain, conflict: UUID) -> None:
    assert everywhere(chain) == {"10 Kim Host"}
    one = chain.host.do(lambda s: conflicts(s)[0])
    assert (one.id, one.peer, one.table_name, one.key) == (conflict, "store-1", "customers", KEY)
    assert one.fields == ["name", "number"]
    assert differing(one) == ["name", "number"]
    assert one.theirs is not None
    assert one.theirs["name"] == "Kim Store"


def test_theirs_goes_to_all_nodes(chain: Chain, conflict: UUID) -> None:
    assert settle(chain, conflict, "name", "number") == f"customers {KEY}"
    assert everywhere(chain) == {"20 Kim Store"}
    (one,) = chain.host.do(conflicts)
    assert (one.is_open, one.decided_by) == (False, "ada")
    assert one.result is not None
    assert one.result["number"] == "20"


def test_some_fields_are_taken_and_others_kept(chain: Chain, conflict: UUID) -> None:
    settle(chain, conflict, "number")
    assert everywhere(chain) == {"20 Kim Host"}


def test_ours_stays_and_writes_nothing(chain: Chain, conflict: UUID) -> None:
    before = chain.host.one("SELECT modified_at FROM customers")
    settle(chain, conflict)
    assert everywhere(chain) == {"10 Kim Host"}
    assert chain.host.one("SELECT modified_at FROM customers") == before


def test_who_decided_is_the_author_of_the_change(chain: Chain, conflict: UUID) -> None:
    def take(session: object) -> None:
        tell(session.connection(), Author(source=Source.WEB, user_name="ada"))  # type: ignore[attr-defined]
        resolve(session, conflict, theirs=["name"], by="ada")  # type: ignore[arg-type]

    chain.host.do(take)
    asked = (
        "SELECT t.user_name FROM versions AS v JOIN history_transactions AS t"
        " ON t.id = v.transaction_id WHERE v.row_id = :key ORDER BY t.at DESC LIMIT 1"
    )
    assert chain.host.one(asked, key=KEY) == "ada"


def test_a_conflict_is_settled_once(chain: Chain, conflict: UUID) -> None:
    settle(chain, conflict)
    with pytest.raises(PoserError, match="no open conflict"):
        settle(chain, conflict, "name")


def test_only_fields_of_the_conflict_are_taken(chain: Chain, conflict: UUID) -> None:
    with pytest.raises(PoserError, match="not about discount"):
        settle(chain, conflict, "discount")


def test_a_row_that_is_gone_meanwhile_is_not_changed(chain: Chain, conflict: UUID) -> None:
    chain.host.run("DELETE FROM customers")
    with pytest.raises(PoserError, match="is gone meanwhile"):
        settle(chain, conflict, "name")
    settle(chain, conflict)
    assert everywhere(chain) == {None}


@pytest.mark.parametrize("takes", [True, False])
def test_a_deletion_there_is_done_or_not(chain: Chain, takes: bool) -> None:  # noqa: FBT001
    chain.host.run("INSERT INTO customers (id, number, name) VALUES (:id, '1', 'Kim')", id=KEY)
    chain.settle()
    chain.host.run("UPDATE customers SET name = 'Kim Host'")
    chain["store-1"].run("DELETE FROM customers")
    settle(chain, opened(chain), *(["id"] if takes else []))
    assert everywhere(chain) == {None if takes else "1 Kim Host"}


@pytest.mark.parametrize("takes", [True, False])
def test_a_row_that_was_deleted_here_comes_back_or_not(chain: Chain, takes: bool) -> None:  # noqa: FBT001
    chain.host.run("INSERT INTO customers (id, number, name) VALUES (:id, '1', 'Kim')", id=KEY)
    chain.settle()
    chain.host.run("DELETE FROM customers")
    chain["store-1"].run("UPDATE customers SET name = 'Kim Store'")
    settle(chain, opened(chain), *(["id"] if takes else []))
    assert everywhere(chain) == {"1 Kim Store" if takes else None}


def test_the_command_lists_and_settles(
    chain: Chain,
    conflict: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = chain.host.engine.url.render_as_string(hide_password=False)
    (tmp_path / "poser.conf").write_text(f"[db]\nurl = {url}\n")
    monkeypatch.setenv("POSER_CONFIG", str(tmp_path / "poser.conf"))
    assert run(["datasync", "conflicts", "--open"]) == 0
    said = capsys.readouterr().out
    assert all(word in said for word in (str(conflict), "Kim Host", "Kim Store", "waits for a"))
    assert run(["datasync", "conflicts", str(conflict), "--take", "theirs", "--field", "name"]) == 0
    assert f"settled: customers {KEY}" in capsys.readouterr().out
    assert everywhere(chain) == {"10 Kim Store"}
    assert run(["datasync", "conflicts", "--open"]) == 0
    assert "no conflict is open" in capsys.readouterr().out
    assert run(["datasync", "conflicts", str(conflict), "--take", "ours"]) == 1
    assert "no open conflict" in capsys.readouterr().err
    assert run(["datasync", "conflicts", str(conflict)]) == 2
