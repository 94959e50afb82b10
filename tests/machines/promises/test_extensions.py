# SPDX-License-Identifier: Apache-2.0
"""What extensions add is on the machine: tables with their history, settings, commands."""

import json
from typing import Any

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject

PROMISE = "what extensions add is there: tables with their history, and commands"
RECORDED = (
    "select count(*) from pg_trigger t join pg_proc p on p.oid = t.tgfoid"
    " where tgrelid = to_regclass('%s') and proname = 'keep_changes' and tgenabled <> 'D'"
)
ANSWERS = {"poser_coop": ("poser coop certificates --json",)}
"""Commands that read the tables of the extensions in `examples/`, and answer with a list."""


@pytest.fixture(scope="module")
def extended(host: Observed, subject: Subject) -> list[dict[str, Any]]:
    """Return what the machine says of its extensions: those of its release, in their order."""
    found: list[dict[str, Any]] = json.loads(host.check_output("poser extension list --json"))
    assert tuple(one["package"] for one in found) == subject.host.release.extensions
    return found


def ask(host: Observed, statement: str) -> str:
    return str(host.check_output("runuser -u postgres -- psql -XAtqd poser -c %s", statement))


@pytest.mark.promise(PROMISE)
def test_their_tables_are_there_at_the_newest_revision(
    host: Observed, subject: Subject, extended: list[dict[str, Any]]
) -> None:
    for one in extended:
        assert one["head"] in subject.host.release.heads["poser"]
        name = one["head"].rpartition("_")[0]
        assert ask(host, f"select version_num from alembic_version_{name}") == one["head"]  # noqa: S608
        for table in one["tables"]:
            assert ask(host, f"select to_regclass('{table}')") == table


@pytest.mark.promise(PROMISE)
def test_their_tables_have_the_triggers_that_products_have(
    host: Observed, extended: list[dict[str, Any]]
) -> None:
    wanted = ask(host, RECORDED % "products")
    assert int(wanted) > 0
    for one in extended:
        for table in one["tables"]:
            assert ask(host, RECORDED % table) == wanted, table


@pytest.mark.promise(PROMISE)
def test_the_live_schema_is_as_their_models_say(host: Observed) -> None:
    said = host.run("poser db check")
    assert said.rc == 0, said.stdout + said.stderr


@pytest.mark.promise(PROMISE)
def test_their_commands_answer(host: Observed, extended: list[dict[str, Any]]) -> None:
    for one in extended:
        for word in one["commands"]:
            assert "Usage: poser" in host.check_output("poser %s --help", word)
        for command in ANSWERS.get(one["package"], ()):
            assert isinstance(json.loads(host.check_output(command)), list), command
