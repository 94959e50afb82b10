# SPDX-License-Identifier: Apache-2.0
"""In which order revisions run: the core first, and an extension's when what they need is there."""

from pathlib import Path

import pytest

from poser.db.branches import Branch, Phase, Revision, branches
from poser.db.migrations import BranchStatus, State, Status, to_run
from poser.errors import PoserError
from poser.extensions.packages import Extension

CORE = ("poser_0001 pre", "poser_0002 pre", "poser_0003 post", "poser_0004 pre")
COOP = ("coop_0001 pre poser_0001", "coop_0002 pre poser_0004", "coop_0003 post poser_0004")


def branch(name: str, revisions: tuple[str, ...]) -> Branch:
    made: list[Revision] = []
    for words in revisions:
        id_, phase, *needs = words.split()
        after = made[-1].id if made else None
        need = needs[0] if needs else None
        made.append(Revision(id=id_, after=after, phase=phase, needs=need, what="A step"))
    extension = Extension(package=f"poser_{name}", folder=Path()) if name != "poser" else None
    return Branch(
        name=name, database="poser", folder=Path(), revisions=tuple(made), extension=extension
    )


KNOWN = (branch("poser", CORE), branch("coop", COOP))


def ordered(phase: Phase, core: str | None = None, coop: str | None = None) -> list[str]:
    """Name what would run on a database that has these revisions."""
    found = Status(
        database="poser",
        state=State.BEHIND,
        current=(),
        heads=(),
        pending=(),
        branches=tuple(
            BranchStatus(name=name, state=State.BEHIND, current=at, head=None, pending=())
            for name, at in (("poser", core), ("coop", coop))
        ),
    )
    return [revision.id for _, revision in to_run(found, KNOWN, phase)]


def test_all_of_the_core_runs_before_extensions() -> None:
    assert ordered(Phase.ALL) == [
        "poser_0001", "poser_0002", "poser_0003", "poser_0004",
        "coop_0001", "coop_0002", "coop_0003",
    ]  # fmt: skip


def test_the_first_phase_ends_where_the_old_code_would_break() -> None:
    assert ordered(Phase.PRE) == ["poser_0001", "poser_0002", "coop_0001"]
    assert ordered(Phase.PRE, core="poser_0003") == ["poser_0004", "coop_0001", "coop_0002"]


def test_what_has_run_is_left_out() -> None:
    assert ordered(Phase.ALL, core="poser_0003", coop="coop_0002") == ["poser_0004", "coop_0003"]
    assert ordered(Phase.ALL, core="poser_0004", coop="coop_0003") == []


def test_a_branch_of_a_newer_release_stops_everything() -> None:
    unknown = BranchStatus(
        name="coop", state=State.UNKNOWN, current="coop_0009", head="coop_0003", pending=()
    )
    found = Status(
        database="poser", state=State.UNKNOWN, current=(), heads=(), pending=(),
        branches=(
            BranchStatus(name="poser", state=State.EMPTY, current=None, head=None, pending=()),
            unknown,
        ),
    )  # fmt: skip
    with pytest.raises(PoserError, match="coop is at revision coop_0009, which this release does"):
        to_run(found, KNOWN, Phase.ALL)


def test_tables_of_versions_are_told_apart() -> None:
    assert [one.version_table for one in KNOWN] == ["alembic_version", "alembic_version_coop"]


def test_extensions_add_to_the_poser_database_only(tmp_path: Path) -> None:
    extension = Extension(package="poser_none", folder=tmp_path)
    assert [one.name for one in branches("trainwreck", [extension])] == ["trainwreck"]
    assert [one.name for one in branches("poser", [extension])] == ["poser"]
