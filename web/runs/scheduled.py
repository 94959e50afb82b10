# SPDX-License-Identifier: Apache-2.0
"""The imports that the settings name: their hours, and starting one of them now."""

from typing import NamedTuple

import falcon

from poser.db import transaction
from poser.errors import ConfigError, PoserError
from poser.importing.schedules import Schedule, configured, named
from poser.tasks import ask
from web.flash import flash
from web.language import _
from web.permissions import Permission
from web.runs.record import PATH
from web.site import Site
from web.tasks.page import PATH as TASKS
from web.visits import Visit

RUN = Permission("imports.run_scheduled", "Start an import now that the settings name")


class Scheduled(NamedTuple):
    """One import that the settings name; `why_not` says why no page can start it."""

    name: str
    when: str
    command: str
    why_not: str


def scheduled(here: Visit) -> list[Scheduled]:
    """List the imports that the settings name; lines that are wrong are the doctor's matter."""
    try:
        found = configured(here.site.config)
    except ConfigError:
        return []
    return [Scheduled(one.name, one.when, one.command, _why_not(here, one)) for one in found]


class RunScheduled:
    """Falcon resource: starts one of them."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_post(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        """Begin the task, and go to its page."""
        del req
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, f"{PATH}/start"
        try:
            schedule = named(self._site.config, name)
        except ConfigError as error:
            raise falcon.HTTPNotFound from error
        if schedule.network:
            flash(resp, _needs_network(schedule))
            return
        title = _("Scheduled import {name}").format(name=name)
        try:
            with transaction(self._site.engines["poser"]) as session:
                id_ = ask(session, "import_scheduled", title=title, params={"name": name})
        except PoserError as error:
            flash(resp, f"{error}. {error.hint}")
            return
        resp.location = f"{TASKS}/{id_}"


def _why_not(here: Visit, schedule: Schedule) -> str:
    if not here.visitor.may(RUN):
        return _("You may not start it: an administrator can let you.")
    return _needs_network(schedule) if schedule.network else ""


def _needs_network(schedule: Schedule) -> str:
    words = _("It reaches other machines, which programs behind these pages may not. Use {command}")
    return words.format(command=f"systemctl start {schedule.job.unit}")
