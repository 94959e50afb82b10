# SPDX-License-Identifier: Apache-2.0
"""Batches: work that waits for a person, reviewed row by row and executed once."""

from sqlalchemy import Table

from poser.model.batches import Batch, BatchStatus
from web.batches import rights
from web.batches.doing import Do, RowPage, TakeOut, approve, delete, execute, freeze, reopen, undo
from web.batches.page import PATH, BatchPage
from web.batches.words import status_said
from web.grid.filters import Choice, Option
from web.grid.subject import Column
from web.permissions import Route
from web.resources import Area, Resource, Verb
from web.site import Site

_TABLE = Batch.__table__
assert isinstance(_TABLE, Table)  # noqa: S101 - no model here maps anything else
_C = _TABLE.c

BATCHES = Resource(
    model=Batch,
    path=PATH,
    title="Batches",
    one="batch",
    many="batches",
    icon="list-checks",
    area=Area.WORK,
    about="Work that waits for a person: look at every row, then execute the batch once.",
    empty="An import can become a batch: choose so when you start it.",
    label="number",
    order="created_at",
    is_small=True,
    search="description notes created_by_name",
    search_hint="Description or person",
    can=frozenset({Verb.VIEW, Verb.EXPORT}),
    columns=(
        "number",
        "description",
        Column(name="status", label="Status", value=_C.status, write=status_said),
        "row_count",
        "created_by_name",
        "created_at",
        "executed_at",
    ),
    columns_more=("key", "completed_by_name", "approved_by_name", "notes", "modified_at"),
    filters=(
        Choice(
            name="status",
            label="Status",
            column=_C.status,
            options=lambda _session: [Option(one, status_said(one)) for one in BatchStatus],
        ),
    ),
    record=BatchPage(),
)

RESOURCES = (BATCHES,)


def routes(site: Site) -> list[Route]:
    """List the buttons of a batch, and the form of a row."""
    one = PATH + "/{key:uuid}"
    row = one + "/rows/{number:int}"
    return [
        Route(path=one + "/freeze", page=Do(site, freeze), need=rights.EDIT),
        Route(path=one + "/approve", page=Do(site, approve), need=rights.APPROVE),
        Route(path=one + "/reopen", page=Do(site, reopen), need=rights.EDIT),
        Route(path=one + "/execute", page=Do(site, execute), need=rights.EXECUTE),
        Route(path=one + "/undo", page=Do(site, undo), need=rights.UNDO),
        Route(path=one + "/delete", page=Do(site, delete), need=rights.DELETE),
        Route(path=row, page=RowPage(site), need=rights.EDIT),
        Route(path=row + "/out", page=TakeOut(site, out=True), need=rights.EDIT),
        Route(path=row + "/back", page=TakeOut(site, out=False), need=rights.EDIT),
    ]
