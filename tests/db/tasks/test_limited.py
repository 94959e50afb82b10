# SPDX-License-Identifier: Apache-2.0
"""Nobody gets rights by work that they start: neither by an import, nor by what takes one back."""

import io
from collections.abc import Mapping
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from poser.db import transaction
from poser.db.authors import Author, Source, authored
from poser.db.base import Model
from poser.db.limited import gives_rights
from poser.importing.asked import Asked
from poser.importing.runs import asked_as_json
from poser.model import ImportRun, User, UserRole, load, user_user_role
from poser.model.tasks import Task, TaskStatus
from poser.tasks import ask
from tests.db.tasks.conftest import Node, Service

pytestmark = pytest.mark.postgresql

CSV = "name,is_administrator\nOwners,yes\n"
WATCHED = """
SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'stay_without_rights' ORDER BY 1
"""


def wanted(*models: str, dry_run: bool = False) -> dict[str, object]:
    asked = Asked(models=models, command="a test", dry_run=dry_run)
    return {"key": "csv", "asked": asked_as_json(asked)}


def user(node: Node, name: str, *, is_administrator: bool) -> UUID:
    with transaction(node.engine) as session:
        role = UserRole(name=f"Of {name}", is_administrator=is_administrator)
        made = User(name=name)
        session.add_all([role, made])
        session.flush()
        link = {"user_id": made.id, "user_role_id": role.id}
        session.execute(user_user_role.insert().values(**link))
        return made.id


def does(node: Node, who: UUID, kind: str, params: Mapping[str, object], **files: str) -> Task:
    """Let somebody ask for work, and wait for it."""
    pieces = [(name, io.BytesIO(words.encode())) for name, words in files.items()]
    author = Author(source=Source.WEB, user_id=who, user_name="somebody")
    with authored(author), transaction(node.engine) as session:
        id_ = ask(session, kind, title="a test", params=params, files=pieces)
    return node.ended(id_)


def owners(node: Node) -> int:
    with transaction(node.engine, read_only=True) as session:
        which = select(func.count()).select_from(UserRole).where(UserRole.name == "Owners")
        return session.scalar(which) or 0


def test_every_table_that_gives_rights_is_watched(node: Node) -> None:
    load()
    declared = sorted(t.name for t in Model.metadata.tables.values() if gives_rights(t))
    with node.engine.connect() as connection:
        assert sorted(connection.execute(text(WATCHED)).scalars()) == declared
    assert {"users", "user_roles", "user_role_permissions", "settings"} < set(declared)


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_import_of_somebody_knows_no_tables_that_give_rights(
    node: Node,
    service: Service,
    dry_run: bool,  # noqa: FBT001
) -> None:
    service.says("READY=1")
    clerk = user(node, "clerk", is_administrator=False)
    params = wanted("UserRole", dry_run=dry_run)
    task = does(node, clerk, "import", params, **{"user_roles.csv": CSV})
    assert task.status == TaskStatus.FAILED
    assert "there is no model 'UserRole'" in task.message
    assert owners(node) == 0


def test_an_administrator_may_import_them_and_nobody_else_takes_that_back(
    node: Node, service: Service
) -> None:
    service.says("READY=1")
    boss = user(node, "boss", is_administrator=True)
    clerk = user(node, "clerk", is_administrator=False)
    task = does(node, boss, "import", wanted("UserRole"), **{"user_roles.csv": CSV})
    assert (task.status, owners(node)) == (TaskStatus.DONE, 1), task.message
    with transaction(node.engine, read_only=True) as session:
        number = session.scalars(select(ImportRun.number)).one()
    task = does(node, clerk, "import_revert", {"run": number, "comment": ""})
    assert (task.status, owners(node)) == (TaskStatus.FAILED, 1)
    assert "only somebody with every right may change user roles" in task.message
    task = does(node, boss, "import_revert", {"run": number, "comment": ""})
    assert (task.status, owners(node)) == (TaskStatus.DONE, 0), task.message
