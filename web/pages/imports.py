# SPDX-License-Identifier: Apache-2.0
"""Import runs: what came in from other systems, what it changed, and what it kept aside."""

from typing import Any

from sqlalchemy import Integer, Table, cast, func, literal, select

from poser.extensions.configured import extensions
from poser.importing.found import found
from poser.importing.result import RunStatus
from poser.model.importing import ImportRun
from web.grid.filters import Choice, Option
from web.grid.subject import Column, Expression, Kind
from web.language import mark
from web.permissions import Route
from web.resources import Area, Resource, Verb
from web.runs.files import ASIDE, CHANGES
from web.runs.record import PATH, RESUME, REVERT, RunNumbered, RunPage
from web.runs.scheduled import RUN, RunScheduled
from web.runs.starting import FROM_ELSEWHERE, Again, Start, StartList, permission
from web.runs.words import ended
from web.showing import MenuItem
from web.site import Site

_TABLE = ImportRun.__table__
assert isinstance(_TABLE, Table)  # noqa: S101 - no model here maps anything else
_C = _TABLE.c


def _sum(*names: str) -> Expression:
    """Sum up counts over the models of a run."""
    one: Any = func.jsonb_array_elements(_C.counts).column_valued("one")
    total: Expression = literal(0)
    for name in names:
        total = total + func.coalesce(cast(one.op("->>")(name), Integer), 0)
    summed = select(func.coalesce(func.sum(total), 0))
    return summed.correlate(_TABLE).scalar_subquery()


RUNS = Resource(
    model=ImportRun,
    path=PATH,
    title="Import runs",
    one="import run",
    many="import runs",
    icon="history",
    area=Area.WORK,
    about="Every import that ran here: what it changed, field by field, and what it kept aside.",
    empty="Nothing was imported here yet.",
    is_imported=True,
    label="number",
    order="began_at",
    is_small=True,
    search="key source comment user_name",
    search_hint="Import, file or person",
    can=frozenset({Verb.VIEW, Verb.EXPORT}),
    columns=(
        "number",
        "key",
        Column(name="status", label="Ended", value=_C.status, write=ended),
        "began_at",
        Column(
            name="changes",
            label="Changes",
            value=_sum("created", "updated", "deleted"),
            kind=Kind.QUANTITY,
        ),
        Column(name="refused", label="Kept aside", value=_sum("refused"), kind=Kind.QUANTITY),
        "user_name",
        "source",
        "comment",
    ),
    filters=(
        Choice(
            name="status",
            label="Ended",
            column=_C.status,
            options=lambda _session: [Option(one, ended(one)) for one in RunStatus],
        ),
    ),
    record=RunPage(),
)

RESOURCES = (RUNS,)

MENU = (
    MenuItem(
        path=PATH + "/start",
        title="Start an import",
        icon="upload",
        need=RUNS.permission(Verb.VIEW),
        rank=51,
        area=Area.WORK.value,
    ),
)


def routes(site: Site) -> list[Route]:
    """List what stands beside the grid and the page of a run."""
    see = RUNS.permission(Verb.VIEW)
    export = RUNS.permission(Verb.EXPORT)
    handlers = list(found(extensions(site.config)).values())
    back = Again(site, "import_revert", mark("Take back run {number}"))
    on = Again(site, "import_resume", mark("Go on with run {number}"))
    return [
        Route(path=PATH + "/start", page=StartList(handlers), need=see),
        *(
            Route(path=f"{PATH}/start/{one.key}", page=Start(site, one), need=permission(one))
            for one in handlers
            if one.key not in FROM_ELSEWHERE
        ),
        Route(path=PATH + "/schedules/{name}/run", page=RunScheduled(site), need=RUN),
        Route(path=PATH + "/{key:uuid}/revert", page=back, need=REVERT),
        Route(path=PATH + "/{key:uuid}/resume", page=on, need=RESUME),
        Route(path="/runs/{number:int}", page=RunNumbered(), need=see),
        Route(path=PATH + "/{key:uuid}/changes.csv", page=CHANGES, need=export),
        Route(path=PATH + "/{key:uuid}/kept-aside.csv", page=ASIDE, need=export),
    ]
