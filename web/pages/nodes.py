# SPDX-License-Identifier: Apache-2.0
"""The page about this node: is it well, what runs, what failed last."""

import falcon

from web.language import _
from web.node_status.facts import ICONS, WORDS, facts, mail
from web.node_status.failures import failures
from web.node_status.journal import MOST_SHOWN
from web.node_status.looking import Doctor, Finding, asking
from web.permissions import Route
from web.resources import Area
from web.rights import SEE_NODE
from web.showing import MenuItem, show
from web.site import Site
from web.visits import visit

PATH = "/node"
_UP, _DOWN = ("ok", "check"), ("wrong", "cross")


class NodeStatus:
    """Falcon resource: this node."""

    def __init__(self, doctor: Doctor) -> None:
        self._doctor = doctor

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show what the doctor finds and what failed within a week."""
        here = visit(req)
        here.place = PATH
        failed = failures(here.read(), here.site.clock())
        units = here.site.systemd.units()
        here.site.alerts.note_node(len(units.down))
        said = [
            (fact, ICONS[fact.state], _(WORDS[fact.state]))
            for fact in (*facts(here, units), mail(here))
        ]
        here.close()
        journal = here.site.journal.journal()
        look = self._doctor.look()
        states = {finding.state for finding in look.findings}
        show(
            req,
            resp,
            "node.pt",
            title=here.site.node.name,
            release=here.site.node.release or _("not built"),
            verdict=_verdict(states, look.trouble),
            trouble=look.trouble,
            age=int(look.age_s),
            findings=[
                (finding, ICONS.get(finding.state, "circle-help"), _said(finding))
                for finding in look.findings
            ],
            facts=said,
            units=[(unit, *(_UP if unit.is_up else _DOWN)) for unit in units.found],
            journal=journal,
            troubles=[(each, here.moment(each.last_at)) for each in journal.troubles[:MOST_SHOWN]],
            failures=[(each, here.moment(each.last_at)) for each in failed],
        )


def _said(finding: Finding) -> str:
    words = {
        "ok": _("OK"),
        "warning": _("Look at it"),
        "wrong": _("Wrong"),
        "not known": _("Not known"),
    }
    return words.get(finding.state, finding.state)


def _verdict(states: set[str], trouble: str) -> str:
    if trouble:
        return _("The doctor gives no answer.")
    if "wrong" in states:
        return _("Something is wrong.")
    if "warning" in states:
        return _("Something should be looked at.")
    return _("All that could be asked is well.")


MENU = (
    MenuItem(
        path=PATH,
        title="This node",
        icon="server",
        need=SEE_NODE,
        rank=5,
        area=Area.SYSTEM.value,
    ),
)


def routes(site: Site) -> list[Route]:
    """List the one address."""
    page = NodeStatus(Doctor(asking(site.config)))
    return [Route(path=PATH, page=page, need=SEE_NODE)]
