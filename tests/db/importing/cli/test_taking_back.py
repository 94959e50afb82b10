# SPDX-License-Identifier: Apache-2.0
"""`poser import revert` and `poser import resume`, typed on a node."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from poser.importing.watching import Progress, Step

pytestmark = pytest.mark.postgresql

Typed = Callable[..., int]
Write = Callable[..., Path]
Said = pytest.CaptureFixture[str]

LIST = "id,name,terms,discount\n1,Anise & Co,30 days,2.5\n2,Basil,,\n3,Cumin,,10\n"


def names(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT name FROM vendors ORDER BY number")).scalars())


def test_a_run_is_taken_back_and_that_is_a_run(
    typed: Typed, a_file: Write, capsys: Said, engines: dict[str, Engine]
) -> None:
    a_file(LIST)
    typed("spices --from list.csv")
    a_file(LIST.replace("Basil", "Basilikum") + "4,Dill,,\n")
    typed("spices --from list.csv")
    capsys.readouterr()
    assert typed("revert 2 -m mistaken") == 0
    assert capsys.readouterr().out.startswith("spices from run 2: 2 changes (run 3, ")
    assert names(engines["poser"]) == ["Anise & Co", "Basil", "Cumin"]
    assert typed("runs --json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["number"], one["status"], one["comment"]) for one in found] == [
        (3, "done", "mistaken"), (2, "reverted", ""), (1, "done", ""),
    ]  # fmt: skip
    assert typed("revert 2") == 1
    assert "run 2 is reverted already" in capsys.readouterr().err


def test_rows_that_changed_since_are_named_and_stay(
    typed: Typed, a_file: Write, capsys: Said, engines: dict[str, Engine]
) -> None:
    a_file(LIST)
    typed("spices --from list.csv")
    with engines["poser"].begin() as connection:
        connection.execute(text("UPDATE vendors SET name = 'Basil Bros' WHERE number = '2'"))
    capsys.readouterr()
    assert typed("revert 1") == 5
    assert "was changed since: " in capsys.readouterr().err
    assert names(engines["poser"]) == ["Basil Bros"]


def test_a_run_that_changed_nothing_cannot_be_taken_back(
    typed: Typed, a_file: Write, capsys: Said
) -> None:
    a_file(LIST)
    typed("spices --from list.csv --dry-run")
    capsys.readouterr()
    assert typed("revert 1") == 1
    assert "changed nothing" in capsys.readouterr().err


def test_a_run_that_was_cut_off_goes_on_without_its_source(
    typed: Typed, a_file: Write, capsys: Said, engines: dict[str, Engine],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    class Impatient:
        def __enter__(self) -> Callable[[Progress], None]:
            return self.look

        def __exit__(self, *_: object) -> None:
            pass

        def look(self, progress: Progress) -> None:
            if progress.step is Step.COMPARING:
                raise KeyboardInterrupt

    a_file(LIST)
    with monkeypatch.context() as patch:
        patch.setattr("poser.cli.progress.watching_run", lambda **_: Impatient())
        assert typed("spices --from list.csv") == 130
    assert names(engines["poser"]) == []
    a_file("").unlink()
    capsys.readouterr()
    assert typed("runs") == 0
    assert "interrupted, can be resumed" in capsys.readouterr().out
    assert typed("show 1") == 0
    assert "it can go on from here: poser import resume 1" in capsys.readouterr().out
    assert typed("resume 1") == 0
    assert "spices from list.csv: 3 changes (run 1, " in capsys.readouterr().out
    assert names(engines["poser"]) == ["Anise & Co", "Basil", "Cumin"]
    assert typed("resume 1") == 1
    assert "only what was cut off can be resumed" in capsys.readouterr().err
