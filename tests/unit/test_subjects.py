# SPDX-License-Identifier: Apache-2.0
"""The schema is imported subject by subject, and each subject brings what it refers to."""

import subprocess
import sys
from pkgutil import iter_modules

import pytest
from sqlalchemy import Table

import poser.model
from poser.db.base import mappers

SUBJECTS = sorted(module.name for module in iter_modules(poser.model.__path__))

# Each subject in a process of its own, forked when the heavy libraries are there already.
ALONE = """
import os, sys
import sqlalchemy.orm, sqlalchemy.dialects.postgresql, poser.db.base
for name in sys.argv[1:]:
    child = os.fork()
    if not child:
        __import__(f"poser.model.{name}")
        tables = poser.db.base.Model.metadata.tables.values()
        [key.column for table in tables for key in table.foreign_keys]
        sqlalchemy.orm.configure_mappers()
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(f"{name} does not bring what it refers to")
"""
LIGHT = """
import sys
import poser.model
assert "sqlalchemy" not in sys.modules
poser.model.User
assert "poser.model.users" in sys.modules
assert "poser.model.purchases" not in sys.modules
poser.model.load()
assert "poser.model.purchases" in sys.modules
heavy = {"web", "falcon", "fabric", "alembic", "chameleon", "poser.cli"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""


def run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    return done.stderr[-600:] if done.returncode else ""


def test_each_subject_brings_the_tables_that_its_own_refer_to() -> None:
    assert run(ALONE, *SUBJECTS) == ""


def test_a_subject_is_imported_when_it_is_asked_for_and_the_web_never() -> None:
    assert run(LIGHT) == ""


def test_every_class_of_a_subject_can_be_had_from_the_package() -> None:
    poser.model.load()
    classes = {mapper.class_.__name__: mapper.class_ for mapper in mappers()}
    ours = {name: c for name, c in classes.items() if c.__module__.startswith("poser.model.")}
    assert len(ours) > 70
    assert {name: getattr(poser.model, name) for name in ours} == ours
    assert isinstance(poser.model.user_user_role, Table)


def test_a_name_that_is_not_there_is_named() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Produkt'"):
        _ = poser.model.Produkt  # type: ignore[attr-defined]
