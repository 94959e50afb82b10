# SPDX-License-Identifier: Apache-2.0
"""The pages of tasks: mine, one of them with its progress, and stopping it."""

from uuid import UUID

import falcon
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.db import transaction
from poser.model.tasks import Task
from poser.tasks import cancel
from web.flash import flash
from web.language import _
from web.showing import HTML, show
from web.site import Site
from web.tasks.progress import shown
from web.tasks.seeing import SEE_ALL, may_see
from web.visits import Visit, visit

PATH = "/tasks"
MOST = 100


class TaskList:
    """Falcon resource: the newest tasks of the visitor, or of everybody."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List them, newest first."""
        here = visit(req)
        here.place = PATH
        wanted = select(Task).order_by(Task.created_at.desc(), Task.id.desc()).limit(MOST)
        sees_all = here.visitor.may(SEE_ALL)
        if not sees_all:
            wanted = wanted.where(Task.user_id == here.visitor.user_id)
        tasks = [shown(here, one) for one in here.read().scalars(wanted)]
        show(req, resp, "tasks.pt", title=_("Tasks"), tasks=tasks, sees_all=sees_all)


class TaskPage:
    """Falcon resource: one task."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show how far it is and what came of it."""
        here = visit(req)
        here.place = PATH
        task = shown(here, found_task(here, here.read(), key))
        show(
            req,
            resp,
            "task.pt",
            title=task.title,
            task=task,
            part=here.site.templates["task_progress.pt"],
        )


class TaskProgress:
    """Falcon resource: the part of a task's page that is fetched again and again."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Send the part alone."""
        here = visit(req)
        task = shown(here, found_task(here, here.read(), key))
        resp.content_type = HTML
        resp.data = here.site.templates.render("task_progress.pt", {"task": task}).encode()


class NoStream:
    """Falcon resource: tells a page that there are no streams, so that it looks by itself."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:  # noqa: ARG002 - Falcon's signature
        """Answer that there is nothing, after which a browser does not ask again."""
        resp.status = falcon.HTTP_NO_CONTENT


class TaskStop:
    """Falcon resource: stops a task."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Ask it to stop, and go back to its page."""
        here = visit(req)
        with transaction(self._site.engines["poser"]) as session:
            stopped = cancel(session, found_task(here, session, key))
        flash(
            resp,
            _("It stops at its next safe point.") if stopped else _("It had ended already."),
        )
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, f"{PATH}/{key}"


def found_task(here: Visit, session: Session, key: UUID) -> Task:
    """Find a task that this visitor may see. Raises falcon.HTTPNotFound."""
    task = session.get(Task, key)
    if task is None or not may_see(here, task):
        raise falcon.HTTPNotFound
    return task
