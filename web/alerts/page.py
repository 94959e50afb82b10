# SPDX-License-Identifier: Apache-2.0
"""The page behind the bell: everything that waits for somebody, each with what to do."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import falcon
from sqlalchemy import text

from poser.model.batches import BatchStatus
from web.alerts.counting import (
    BATCHES,
    DATASYNC,
    FEEDBACK,
    IMPORTS,
    LISTS,
    LOOKED_BACK,
    MAILS,
    NODE,
)
from web.batches.words import STATUS
from web.formats import Moment, count
from web.language import _, mark
from web.resources.words import label_of
from web.showing import show
from web.visits import Visit, visit

PATH = "/alerts"
OTHER_NODES = "/datasync"
MOST = 30
_LONGEST = 160

TITLES = {
    NODE: (mark("This node"), "server"),
    DATASYNC: (mark("Nodes that are not in step"), "refresh-cw"),
    IMPORTS: (mark("Imports that failed"), "upload"),
    MAILS: (mark("Mails that did not go out"), "mail"),
    BATCHES: (mark("Batches that wait"), "list-checks"),
    FEEDBACK: (mark("Feedback without an answer"), "message-square"),
}
_ADVICE = {
    NODE: mark("Look at the page of this node: it says what is down and what to do."),
    DATASYNC: mark("Open the page of other nodes: it says what waits and why."),
    IMPORTS: mark("Open the run: it says why. Then mend the cause and run the import again."),
    MAILS: mark("Open the type of mail: is the address right, is it switched on?"),
    BATCHES: mark("Look at the rows, then execute the batch, or delete it."),
    FEEDBACK: mark("Read it, do something about it, and write the answer down."),
}


class Alert(NamedTuple):
    """One thing that waits, and where to go about it."""

    path: str
    title: str
    said: str
    at: Moment | None


class Group(NamedTuple):
    """Alerts of one kind: what they are, what to do about them, how many there are."""

    title: str
    icon: str
    advice: str
    many: int
    alerts: list[Alert]


class AlertsPage:
    """Falcon resource: the alerts of a visitor."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List them, the most urgent kind first."""
        here = visit(req)
        here.place = PATH
        here.site.alerts.forget()
        groups = groups_for(here)
        days = LOOKED_BACK // timedelta(days=1)
        show(req, resp, "alerts.pt", title=_("Alerts"), waiting=groups, days=days)


def groups_for(here: Visit, most: int = MOST) -> list[Group]:
    """Read what waits, of those kinds that this visitor may see; kinds without any left out."""
    look_at_node(here)
    counts = here.site.alerts.counts(here)
    found = (_group(here, kind, most) for kind, many in counts.items() if many)
    return [group for group in found if group.many]


def look_at_node(here: Visit) -> None:
    """Ask systemd for the bell, too, where this visitor may know."""
    if NODE in here.site.alerts.kinds_for(here.visitor):
        here.site.alerts.note_node(len(here.site.systemd.units().down))


def _group(here: Visit, kind: str, most: int) -> Group:
    title, icon = TITLES[kind]
    if kind == NODE:
        alerts = _of_node(here)
        return Group(_(title), icon, _(_ADVICE[kind]), len(alerts), alerts[:most])
    statement = text(
        f"SELECT *, count(*) OVER () AS many FROM ({LISTS[kind]}) AS one"  # noqa: S608 - our own
        f" ORDER BY at DESC LIMIT {int(most)}"
    )
    values = {"since": here.site.clock() - LOOKED_BACK} if ":since" in LISTS[kind] else {}
    rows = here.read().execute(statement, values).mappings().all()
    as_alert = _AS[kind]
    alerts = [as_alert(here, dict(row))._replace(at=here.moment(row["at"])) for row in rows]
    return Group(_(title), icon, _(_ADVICE[kind]), rows[0]["many"] if rows else 0, alerts)


def _of_node(here: Visit) -> list[Alert]:
    down = here.site.systemd.units().down
    return [
        Alert("/node", unit.what, f"{unit.name}: {unit.active} ({unit.sub})", None) for unit in down
    ]


def _out_of_step(here: Visit, row: Mapping[str, Any]) -> Alert:
    peer, resource = row["peer"], here.site.resources.get(row["table_name"])
    what = _(resource.one) if resource else label_of(row["table_name"])
    title = {
        "given up": _("{node}: a change was refused again and again ({what})"),
        "conflict": _("{node}: a conflict waits for a person ({what})"),
        "held": _("{node} is not kept in step"),
        "fails": _("{node} fails again and again"),
    }.get(row["what"], _("{node} does not answer"))
    return Alert(OTHER_NODES, title.format(node=peer, what=what), _cut(row["why"]), None)


def _run(_here: Visit, row: Mapping[str, Any]) -> Alert:
    title = _("Run {number} of {key}").format(number=row["number"], key=row["key"])
    return Alert(f"/imports/{row['id']}", title, _cut(row["why"]), None)


def _mail(_here: Visit, row: Mapping[str, Any]) -> Alert:
    title = " · ".join(filter(None, (row["key"], row["about"])))
    return Alert(f"/emails/{row['key']}", title, _cut(row["status_text"]), None)


def _batch(_here: Visit, row: Mapping[str, Any]) -> Alert:
    number = _("Batch {number}").format(number=row["number"])
    words = _("{count} rows").format(count=count(row["row_count"]))
    said = f"{_(STATUS[BatchStatus(row['status'])][0])} · {words}"
    title = " · ".join(filter(None, (number, row["description"])))
    return Alert(f"/batches/{row['id']}", title, said, None)


def _feedback(_here: Visit, row: Mapping[str, Any]) -> Alert:
    said = " · ".join(filter(None, (row["user_name"], row["page"])))
    return Alert(f"/feedback/{row['id']}", _cut(row["text"]), said, None)


def _cut(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


_AS: Mapping[str, Callable[[Visit, Mapping[str, Any]], Alert]] = {
    DATASYNC: _out_of_step,
    IMPORTS: _run,
    MAILS: _mail,
    BATCHES: _batch,
    FEEDBACK: _feedback,
}
