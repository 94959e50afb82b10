# SPDX-License-Identifier: Apache-2.0
"""The command line starts light with an extension, too; the models start without the web app."""

import sys

import pytest

from tests.support.extended import COOP, ExtendedNode

HEAVY = (
    "sqlalchemy", "psycopg2", "alembic", "argon2", "rich", "falcon", "chameleon", "web", "fabric",
    "importlib.metadata",
)  # fmt: skip
NODE = ExtendedNode(folder=COOP, packages=(COOP,))


def loaded(program: str) -> set[str]:
    """Run a program in a process of its own; return the heavy modules that it loaded."""
    ask = (
        f"import sys\n{program}\nprint(*[n for n in {HEAVY} if n in sys.modules], file=sys.stderr)"
    )
    done = NODE.run([sys.executable, "-c", ask])
    assert done.code == 0, done.err
    return set(done.err.split())


@pytest.mark.parametrize("words", [["--help"], ["coop", "--help"], ["coop", "equity", "--help"]])
def test_help_with_an_extension_starts_without_anything_heavy(words: list[str]) -> None:
    settings = ["-c", str(COOP / "poser.conf")]
    assert loaded(f"from poser.cli.app import run; run({[*settings, *words]})") == set()


def test_the_commands_of_an_extension_are_in_the_help() -> None:
    done = NODE.run([sys.executable, "-m", "poser.cli", "-c", "poser.conf", "--help"])
    assert "\n  coop " in done.out.split("Commands:")[1]
    assert "missing" not in done.out


def test_importing_the_models_imports_no_web_app_and_no_fabric() -> None:
    found = loaded("import poser.model, poser.trainwreck.model, poser_coop.model.equity")
    assert "sqlalchemy" in found
    assert not found & {"web", "falcon", "chameleon", "fabric", "alembic", "rich", "argon2"}
