# SPDX-License-Identifier: Apache-2.0
"""Alerts: what on this node waits for somebody."""

from web.alerts.counting import BATCHES, DATASYNC, FEEDBACK, IMPORTS, MAILS, NODE
from web.alerts.page import PATH, AlertsPage
from web.datasync.rights import SEE as SEE_OTHER_NODES
from web.mails.pages import SEE as SEE_EMAILS
from web.permissions import Anyone, Route
from web.resources import Area, Verb
from web.rights import SEE_NODE
from web.showing import MenuItem
from web.site import Site

MENU = (
    MenuItem(
        path=PATH,
        title="Alerts",
        icon="bell",
        need=Anyone.SIGNED_IN,
        rank=12,
        area=Area.WORK.value,
    ),
)


def routes(site: Site) -> list[Route]:
    """List the one address, and say what is needed to be told of each kind."""
    tables = {IMPORTS: "import_runs", BATCHES: "batches", FEEDBACK: "user_feedback"}
    needs = {kind: site.resources[name].permission(Verb.VIEW) for kind, name in tables.items()}
    order = {NODE: SEE_NODE, DATASYNC: SEE_OTHER_NODES, MAILS: SEE_EMAILS, **needs}
    site.alerts.needs.update(
        {kind: order[kind] for kind in (NODE, DATASYNC, IMPORTS, MAILS, BATCHES, FEEDBACK)}
    )
    return [Route(path=PATH, page=AlertsPage(), need=Anyone.SIGNED_IN)]
