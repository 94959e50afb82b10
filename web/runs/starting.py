# SPDX-License-Identifier: Apache-2.0
"""Starting an import from a form, taking a run back, and going on with one."""

from collections.abc import Mapping
from typing import IO
from uuid import UUID

import falcon

from poser.db import transaction
from poser.errors import PoserError
from poser.importing.asked import Asked
from poser.importing.found import Found
from poser.importing.runs import asked_as_json
from poser.tasks import ask
from web.language import _, mark
from web.permissions import Permission
from web.runs.record import PATH, found_run
from web.showing import show
from web.site import Site
from web.tasks.page import PATH as TASKS
from web.visits import visit

MOST_BYTES = 32 << 20
"""The largest file that can be sent; the web server in front has the same limit."""

BATCH, WRITE, LOOK = "batch", "write", "look"
WAYS = (
    (BATCH, mark("Make a batch: look at every change, then execute it")),
    (WRITE, mark("Write the changes at once; the run can be taken back")),
    (LOOK, mark("Look only: say what would change")),
)
NOT_HERE = frozenset({"database", "http", "poser", "poslog"})
"""Handlers that read from an address or write elsewhere; they run by commands and schedules."""


def permission(found: Found) -> Permission:
    """Give the permission to start one import."""
    return Permission(
        f"imports.start_{found.key.replace('-', '_')}", f"Start the import {found.key}"
    )


class StartList:
    """Falcon resource: the imports that this visitor may start."""

    def __init__(self, handlers: list[Found]) -> None:
        self._handlers = handlers

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List them, each with what it is."""
        here = visit(req)
        here.place = PATH
        may = [one for one in self._handlers if here.visitor.may(permission(one))]
        show(req, resp, "import_choose.pt", title=_("Start an import"), handlers=may)


class Start:
    """Falcon resource: the form that starts one import."""

    most_bytes = MOST_BYTES

    def __init__(self, site: Site, handler: Found) -> None:
        self._site = site
        self._handler = handler

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the form."""
        self._show(req, resp, {"way": BATCH}, "")

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
        way, models = form.get("way", BATCH), form.get("models", "")
        asked = Asked(
            models=tuple(filter(None, (one.strip() for one in models.split(",")))),
            deletes=True if form.get("deletes") else None,
            dry_run=way == LOOK,
            make_batch=way not in {LOOK, WRITE},
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
        visit(req).place = PATH
        show(
            req,
            resp,
            "import_start.pt",
            title=_("Import {key}").format(key=self._handler.key),
            about=self._handler.title,
            action=f"{PATH}/start/{self._handler.key}",
            problem=problem,
            form=form,
            ways=[(word, _(text), form.get("way", BATCH) == word) for word, text in WAYS],
            most=MOST_BYTES >> 20,
        )


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
