# SPDX-License-Identifier: Apache-2.0
"""Other systems are brought up to date when tables change here, and only then."""

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.cli.app import run
from poser.datasync.pushing.bringing import bringing
from poser.datasync.pushing.lines import Push, pushes
from poser.datasync.pushing.turns import Pushed, pushed
from poser.datasync.steering import pause, resume
from poser.db import transaction
from poser.errors import ImportFailed, PoserError
from tests.db.datasync.test_watching_daemon import configure, daemon
from tests.support.daemons import eventually
from tests.support.importers import rows

pytestmark = pytest.mark.postgresql

LINE = Push(name="labels", every=timedelta(seconds=1), tables=("vendors",), words=())


@dataclass
class Labels:
    """A system that counts how often it is brought up to date, and may be away."""

    engine: Engine
    brought: list[list[object]] = field(default_factory=list)
    is_away: bool = False

    def bring(self, *_given: object) -> None:
        if self.is_away:
            raise ImportFailed("the label server is away")
        self.brought.append([one[0] for one in rows(self.engine, "SELECT name FROM vendors")])

    def turn(self) -> bool:
        return Pushed(LINE, self.bring).turn({"poser": self.engine})

    def write(self, statement: str) -> None:
        with transaction(self.engine) as session:
            session.execute(text(statement))

    def turns_to(self, count: int) -> bool:
        """Take turns until so many are brought: PostgreSQL's counts come a little later."""
        self.turn()
        return len(self.brought) == count


@pytest.fixture
def labels(new_database: Callable[[str], Engine]) -> Labels:
    return Labels(new_database("poser"))


def test_it_is_brought_at_first_and_after_each_change(labels: Labels) -> None:
    assert labels.turn()
    labels.write("INSERT INTO vendors (number, name) VALUES ('1', 'Tea')")
    eventually(lambda: labels.turns_to(2))
    assert labels.brought == [[], ["Tea"]]
    assert not labels.turn()
    labels.write("INSERT INTO brands (name) VALUES ('Acme')")
    assert not labels.turn(), "of another table"
    labels.write("UPDATE vendors SET name = 'Tee'")
    eventually(lambda: labels.turns_to(3))
    labels.write("DELETE FROM vendors")
    eventually(lambda: labels.turns_to(4))
    assert labels.brought[2:] == [["Tee"], []]


def test_what_is_written_while_it_is_brought_is_brought_the_next_time(labels: Labels) -> None:
    bring = labels.bring

    def bring_and_write(*given: object) -> None:
        bring(*given)
        labels.write("INSERT INTO vendors (number, name) VALUES ('1', 'late')")

    Pushed(LINE, bring_and_write).turn({"poser": labels.engine})
    eventually(lambda: labels.turns_to(2))
    assert labels.brought[-1] == ["late"]


def test_what_fails_is_written_down_and_tried_again(labels: Labels) -> None:
    labels.is_away = True
    with pytest.raises(ImportFailed):
        labels.turn()
    with transaction(labels.engine, read_only=True) as session:
        (one,) = pushed(session)
    assert (one.note, one.pushed_at) == ("the label server is away", None)
    assert one.failed_at is not None
    labels.is_away = False
    assert labels.turn()
    with transaction(labels.engine, read_only=True) as session:
        (one,) = pushed(session)
    assert (one.note, one.failed_at) == ("", None)


def test_nothing_is_brought_while_it_is_paused(labels: Labels) -> None:
    labels.turn()
    with transaction(labels.engine) as session:
        pause(session, "labels", "new server")
    labels.write("INSERT INTO vendors (number, name) VALUES ('1', 'Tea')")
    for _ in range(5):
        assert not labels.turn()
    with transaction(labels.engine) as session:
        resume(session, "labels")
    eventually(lambda: labels.turns_to(2))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a every 5s: export csv", "cannot be read"),
        ("a every 5s after : export csv", "cannot be read"),
        ("a every 5s after products: delete csv", "'delete' brings nothing"),
        ("a every 5s after products: export", "there is no export handler ''"),
        ("a every 5s after products: export csvv --to x", "there is no export handler 'csvv'"),
        ("a every 5s after goods: export csv --to x", "there is no table goods"),
        ("a every 5s after products: export csv", "--to"),
        ("a every 5s after products: import csv Product --from x --dry-run", "brings nothing"),
    ],
)
def test_a_line_that_brings_nothing_is_named(line: str, words: str) -> None:
    def read() -> None:
        (one,) = pushes(line, "poser.conf:3")
        bringing(one, ())

    with pytest.raises(PoserError, match=words):
        read()


def test_a_daemon_keeps_a_file_up_to_date(
    new_database: Callable[[str], Engine], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engines = {name: new_database(name) for name in ("poser", "trainwreck")}
    path = tmp_path / "labels.csv"
    config = configure(tmp_path, engines)
    with config.open("a") as file:
        file.write(
            "push =\n    labels every 1s after vendors: export csv Vendor"
            f" --to {path} --fields number,name\n"
        )

    def lines() -> list[list[str]]:
        if not path.exists():
            return []
        with path.open(newline="") as file:
            return list(csv.reader(file))[1:]

    with daemon(config, tmp_path / "log"):
        for number, name in enumerate(["Tea", "Soap"], 1):
            with transaction(engines["poser"]) as session:
                session.execute(
                    text("INSERT INTO vendors (number, name) VALUES (:number, :name)"),
                    {"number": str(number), "name": name},
                )
            eventually(lambda n=number: len(lines()) == n, within_s=20)
    assert [line[1:] for line in lines()] == [["1", "Tea"], ["2", "Soap"]]
    assert run(("-c", str(config), "datasync", "pushed")) == 0
    assert "labels" in capsys.readouterr().out
    path.unlink()
    assert run(("-c", str(config), "datasync", "pushed", "labels", "--now")) == 0
    assert len(lines()) == 2
    assert run(("-c", str(config), "datasync", "pushed", "other", "--now")) == 1
    assert "those are: labels" in capsys.readouterr().err
