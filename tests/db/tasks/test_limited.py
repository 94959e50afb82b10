# SPDX-License-Identifier: Apache-2.0
"""Nobody gets rights, nor changes costs, by work that they start: imports, batches, taking back."""

import io
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from poser.batch import moving
from poser.batch.found import batch_type
from poser.db import transaction
from poser.db.authors import Author, Source, authored
from poser.db.base import Model
from poser.db.limited import asked_by, gives_rights
from poser.importing.asked import Asked
from poser.importing.found import handler
from poser.importing.running import run
from poser.importing.runs import asked_as_json
from poser.importing.watching import Progress, Step
from poser.model import (
    Batch,
    ImportRun,
    Product,
    User,
    UserRole,
    UserRolePermission,
    Vendor,
    VendorCost,
    VendorItem,
    load,
    user_user_role,
)
from poser.model.tasks import Task, TaskStatus
from poser.tasks import ask
from tests.db.tasks.conftest import Node, Service

pytestmark = pytest.mark.postgresql

CSV = "name,is_administrator\nOwners,yes\n"
COST_ID = UUID("01900000-0000-7000-8000-000000000001")
ARGUMENTS = """
SELECT tgrelid::regclass::text, encode(tgargs, 'escape') FROM pg_trigger
WHERE tgname = 'stay_without_permission' AND tgparentid = 0
"""
WATCHED = """
SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'stay_without_rights' ORDER BY 1
"""


def wanted(*models: str, dry_run: bool = False, make_batch: bool = False) -> dict[str, object]:
    asked = Asked(models=models, command="a test", dry_run=dry_run, make_batch=make_batch)
    return {"key": "csv", "asked": asked_as_json(asked)}


def user(
    node: Node, name: str, *may: str, is_administrator: bool = False, node_kind: str = ""
) -> UUID:
    with transaction(node.engine) as session:
        role = UserRole(name=f"Of {name}", is_administrator=is_administrator, node_kind=node_kind)
        role.permissions = [UserRolePermission(permission=each) for each in may]
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
    clerk = user(node, "clerk")
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
    clerk = user(node, "clerk")
    task = does(node, boss, "import", wanted("UserRole"), **{"user_roles.csv": CSV})
    assert (task.status, owners(node)) == (TaskStatus.DONE, 1), task.message
    with transaction(node.engine, read_only=True) as session:
        number = session.scalars(select(ImportRun.number)).one()
    task = does(node, clerk, "import_revert", {"run": number, "comment": ""})
    assert (task.status, owners(node)) == (TaskStatus.FAILED, 1)
    assert "only somebody with every right may change user roles" in task.message
    task = does(node, boss, "import_revert", {"run": number, "comment": ""})
    assert (task.status, owners(node)) == (TaskStatus.DONE, 0), task.message


def test_an_administrator_of_one_kind_of_node_does_not_import_rights(
    node: Node, service: Service
) -> None:
    service.says("READY=1")
    boss = user(node, "boss", is_administrator=True, node_kind="store")
    task = does(node, boss, "import", wanted("UserRole"), **{"user_roles.csv": CSV})
    assert (task.status, owners(node)) == (TaskStatus.FAILED, 0)


def costs_declared() -> dict[str, list[str]]:
    load()
    tables = Model.metadata.tables.values()
    return {t.name: sorted(found) for t in tables if (found := asked_by(t))}


def test_every_column_that_asks_for_a_permission_is_watched(node: Node) -> None:
    watched = {}
    with node.engine.connect() as connection:
        for table, said in connection.execute(text(ARGUMENTS)):
            permission, *columns = said.split("\\000")[:-1]
            assert permission == "costs.edit"
            watched[table] = sorted(columns)
    assert watched == costs_declared()
    assert "unit_cost" in watched["vendor_costs"]


def item(node: Node) -> UUID:
    with transaction(node.engine) as session:
        vendor, product = Vendor(number="1", name="Acme"), Product(description="Kale")
        session.add_all([vendor, product])
        session.flush()
        made = VendorItem(vendor_id=vendor.id, product_id=product.id)
        session.add(made)
        session.flush()
        return made.id


def costs(node: Node) -> list[Decimal]:
    with transaction(node.engine, read_only=True) as session:
        return list(session.scalars(select(VendorCost.unit_cost)))


def of_costs(node: Node) -> dict[str, str]:
    words = "vendor_item_id,unit_cost,valid\n"
    return {"vendor_costs.csv": f'{words}{item(node)},1.50,"[2026-01-01T00:00:00Z,)"\n'}


def priced(item_id: UUID, cost: str) -> dict[str, str]:
    words = "id,vendor_item_id,valid,unit_cost\n"
    return {"vendor_costs.csv": f'{words}{COST_ID},{item_id},"[2026-01-01T00:00:00Z,)",{cost}\n'}


def test_who_may_not_change_costs_imports_none(node: Node, service: Service) -> None:
    service.says("READY=1")
    clerk, buyer = user(node, "clerk"), user(node, "buyer", "costs.edit")
    file = priced(item(node), "1.50")
    task = does(node, clerk, "import", wanted("VendorCost"), **file)
    assert (task.status, costs(node)) == (TaskStatus.FAILED, [])
    assert "you may not change unit_cost of VendorCost" in task.message
    assert "make a batch" in task.hint
    task = does(node, clerk, "import", wanted("VendorCost", dry_run=True), **file)
    assert (task.status, costs(node)) == (TaskStatus.DONE, []), task.message
    task = does(node, buyer, "import", wanted("VendorCost"), **file)
    assert (task.status, costs(node)) == (TaskStatus.DONE, [Decimal("1.5")]), task.message


def test_a_batch_of_costs_is_executed_by_who_may_change_them(node: Node, service: Service) -> None:
    service.says("READY=1")
    clerk, buyer = user(node, "clerk"), user(node, "buyer", "costs.edit")
    file = priced(item(node), "1.50")
    task = does(node, clerk, "import", wanted("VendorCost", make_batch=True), **file)
    assert task.status == TaskStatus.DONE, task.message
    with transaction(node.engine) as session:
        batch = session.scalars(select(Batch)).one()
        moving.complete(session, batch_type(batch.key), batch)
        number = batch.number
    params = {"batch": str(number), "path": "/batches"}
    task = does(node, clerk, "batch_execute", params)
    assert (task.status, costs(node)) == (TaskStatus.FAILED, [])
    assert "may be changed only with the permission costs.edit" in task.message
    task = does(node, buyer, "batch_execute", params)
    assert (task.status, costs(node)) == (TaskStatus.DONE, [Decimal("1.5")]), task.message


def test_what_is_gone_on_with_is_asked_of_who_goes_on(node: Node, service: Service) -> None:
    service.says("READY=1")
    clerk, buyer = user(node, "clerk"), user(node, "buyer", "costs.edit")
    (node.folder / "vendor_costs.csv").write_text(priced(item(node), "3")["vendor_costs.csv"])

    def cut_off(progress: Progress) -> None:
        if progress.step != Step.READING:
            raise KeyboardInterrupt

    asked = Asked(models=("VendorCost",), where=str(node.folder / "vendor_costs.csv"))
    with pytest.raises(KeyboardInterrupt):
        run(handler("csv", ())(), asked, {"poser": node.engine}, cut_off)
    with transaction(node.engine, read_only=True) as session:
        number = session.scalars(select(ImportRun.number)).one()
    task = does(node, clerk, "import_resume", {"run": number})
    assert (task.status, costs(node)) == (TaskStatus.FAILED, [])
    assert "only with the permission costs.edit" in task.message
    task = does(node, buyer, "import_resume", {"run": number})
    assert (task.status, costs(node)) == (TaskStatus.DONE, [Decimal(3)]), task.message


def test_changed_costs_are_put_back_by_who_may_change_them(node: Node, service: Service) -> None:
    service.says("READY=1")
    clerk, buyer = user(node, "clerk"), user(node, "buyer", "costs.edit")
    which = item(node)
    for cost in ("1", "2"):
        task = does(node, buyer, "import", wanted("VendorCost"), **priced(which, cost))
        assert task.status == TaskStatus.DONE, task.message
    assert costs(node) == [Decimal(2)]
    with transaction(node.engine, read_only=True) as session:
        number = session.scalars(select(func.max(ImportRun.number))).one()
    task = does(node, clerk, "import_revert", {"run": number, "comment": ""})
    assert (task.status, costs(node)) == (TaskStatus.FAILED, [Decimal(2)])
    task = does(node, buyer, "import_revert", {"run": number, "comment": ""})
    assert (task.status, costs(node)) == (TaskStatus.DONE, [Decimal(1)]), task.message


def test_what_the_settings_say_every_word_of_is_not_limited(node: Node, service: Service) -> None:
    service.says("READY=1")
    (node.folder / "vendor_costs.csv").write_text(priced(item(node), "3")["vendor_costs.csv"])
    words = f"csv VendorCost --from {node.folder / 'vendor_costs.csv'}"
    with node.config.open("a", encoding="utf-8") as file:
        file.write(f"[import]\nschedules = nightly at 02:00: {words}\n")
    clerk = user(node, "clerk")
    task = does(node, clerk, "import_scheduled", {"name": "nightly"})
    assert (task.status, costs(node)) == (TaskStatus.DONE, [Decimal(3)]), task.message
