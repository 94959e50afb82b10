# SPDX-License-Identifier: Apache-2.0
"""Starting an import from a form, taking a run back, and going on with one."""

from collections.abc import Mapping
from typing import IO, NamedTuple
from uuid import UUID

import falcon

from poser.db import transaction
from poser.db.base import Model
from poser.db.limited import asked_anywhere
from poser.errors import PoserError
from poser.importing.asked import Asked
from poser.importing.found import Found
from poser.importing.runs import asked_as_json
from poser.tasks import ask
from web.language import _, mark
from web.permissions import Permission
from web.runs.options import boxes_of, options_of, said_in
from web.runs.record import PATH, found_run
from web.runs.scheduled import scheduled
from web.showing import show
from web.site import Site
from web.tasks.page import PATH as TASKS
from web.visits import Visit, visit

MOST_BYTES = 32 << 20
"""The largest file that can be sent; the web server in front has the same limit."""

BATCH, WRITE, LOOK = "batch", "write", "look"
WAYS = (
    (LOOK, mark("Look only: say what would change")),
    (BATCH, mark("Make a batch: look at every change, then execute it")),
    (WRITE, mark("Write the changes at once; the run can be taken back")),
)
AT_ONCE = frozenset({"poslog"})
"""Handlers that write as they read: what they bring cannot become a batch."""
FROM_ELSEWHERE = frozenset({"database", "http", "poser"})
"""Handlers that read from an address; the settings name those that are safe to ask."""


def permission(found: Found) -> Permission:
    """Give the permission to start one import."""
    return Permission(
        f"imports.start_{found.key.replace('-', '_')}", f"Start the import {found.key}"
    )


class Offer(NamedTuple):
    """One import handler as the list shows it; with `why_not` nobody can start it from there."""

    key: str
    title: str
    why_not: str


class StartList:
    """Falcon resource: the imports that can be started, and why others cannot."""

    def __init__(self, handlers: list[Found]) -> None:
        self._handlers = handlers

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List them, each with what it is."""
        here = visit(req)
        here.place = PATH + "/start"
        show(
            req,
            resp,
            "import_choose.pt",
            title=_("Start an import"),
            handlers=[Offer(one.key, _(one.title), _why_not(here, one)) for one in self._handlers],
            schedules=scheduled(here),
        )


def _why_not(here: Visit, found: Found) -> str:
    if found.key in FROM_ELSEWHERE:
        return _("It reads from an address: name it in the setting import.schedules.")
    if not here.visitor.may(permission(found)):
        return _("You may not start it: an administrator can let you.")
    return ""


class Start:
    """Falcon resource: the form that starts one import."""

    most_bytes = MOST_BYTES

    def __init__(self, site: Site, handler: Found) -> None:
        self._site = site
        self._handler = handler
        is_whole = handler.key in AT_ONCE
        self._ways = {LOOK, WRITE} if is_whole else {LOOK, BATCH, WRITE}

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the form."""
        self._show(req, resp, {"way": LOOK}, "")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Begin the task, and go to its page."""
        form = req.context.form
        upload = req.context.files.get("file")
        if upload is None or not upload.size:
            resp.status = falcon.HTTP_UNPROCESSABLE_ENTITY
            self._show(req, resp, form, _("Choose a file that has something in it."))
            return
        try:
            with upload.file:
                id_ = self._ask(form, _file_name(upload.name), upload.file)
        except PoserError as error:
            resp.status = falcon.HTTP_CONFLICT
            self._show(req, resp, form, f"{error}. {error.hint}")
            return
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, f"{TASKS}/{id_}"

    def _ask(self, form: Mapping[str, str], name: str, file: IO[bytes]) -> UUID:
        with transaction(self._site.engines["poser"]) as session:
            return ask(
                session,
                "import",
                title=_("Import {key} from {file}").format(key=self._handler.key, file=name),
                params=self._params(form),
                files=[(name, file)],
            )

    def _params(self, form: Mapping[str, str]) -> dict[str, object]:
        """Say what the run is asked to do, as the command line would."""
        way, models = form.get("way", LOOK), form.get("models", "")
        asked = Asked(
            models=tuple(filter(None, (one.strip() for one in models.split(",")))),
            deletes=True if form.get("deletes") else None,
            dry_run=way == LOOK or way not in self._ways,
            make_batch=way == BATCH and BATCH in self._ways,
            options=said_in(form, options_of(self._handler)),
            comment=form.get("comment", "").strip()[:1_000],
            command=f"import {self._handler.key}, started in the web app",
        )
        return {
            "key": self._handler.key,
            "asked": asked_as_json(asked),
            "comment": asked.comment,
        }

    def _show(
        self, req: falcon.Request, resp: falcon.Response, form: Mapping[str, str], problem: str
    ) -> None:
        visit(req).place = PATH + "/start"
        show(
            req,
            resp,
            "import_start.pt",
            title=_("Import {key}").format(key=self._handler.key),
            about=_(self._handler.title),
            action=f"{PATH}/start/{self._handler.key}",
            problem=problem,
            form=form,
            ways=[
                (word, _(text), form.get("way", LOOK) == word)
                for word, text in WAYS
                if word in self._ways
            ],
            boxes=boxes_of(self._handler, form),
            most=MOST_BYTES >> 20,
            lacks=_lacks(visit(req)),
        )


def _lacks(here: Visit) -> str:
    """Name in people's words what columns ask for and this visitor has not."""
    known = here.site.permissions
    needed = (known[name] for name in sorted(asked_anywhere(Model.metadata)) if name in known)
    return ", ".join(f"“{_(need.what)}”" for need in needed if not here.visitor.may(need))


class Again:
    """Falcon resource: begins a task that does something with a run, such as taking it back."""

    def __init__(self, site: Site, kind: str, title: str) -> None:
        self._site = site
        self._kind = kind
        self._title = title

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Begin the task, and go to its page."""
        with transaction(self._site.engines["poser"]) as session:
            run = found_run(session, key)
            id_ = ask(
                session,
                self._kind,
                title=_(self._title).format(number=run.number),
                params={
                    "run": run.number,
                    "comment": req.context.form.get("comment", "").strip()[:1_000],
                },
            )
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, f"{TASKS}/{id_}"


def _file_name(said: str) -> str:
    """Give a file the name that it had, unless that means something else to programs."""
    name = said.strip().lstrip(".-").strip()
    return name or "upload"
