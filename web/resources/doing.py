# SPDX-License-Identifier: Apache-2.0
"""Buttons of a record: delete, bring back, send again, and the actions of its resource.

Each is a form of its own that is posted; the answer leads on to a page that says what came of it.
"""

import contextlib
from collections.abc import Iterator
from uuid import UUID

import falcon
from sqlalchemy import select

from poser.db import transaction
from poser.db.refused import Refused
from poser.errors import PoserError
from web.flash import flash
from web.language import _
from web.refusals import told
from web.resources.losing import lost_for_good
from web.resources.reading import find_record, name_of, read_record
from web.resources.resource import Action, Resource, Verb
from web.resources.undoing import bring_back
from web.resources.writing import NotThere, Writing
from web.showing import show
from web.visits import visit


class Button:
    """What the pages behind the buttons share."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    @contextlib.contextmanager
    def _writing(self, req: falcon.Request) -> Iterator[Writing]:
        """Open a transaction to write in; its refusals become a page that says why.

        Raises falcon.HTTPNotFound for a record that is not there, falcon.HTTPConflict for one
        that the database or the history refuses.
        """
        here = visit(req)
        here.close()
        try:
            with transaction(here.site.engines[self._resource.database]) as session:
                yield Writing(
                    session=session,
                    resource=self._resource,
                    visitor=here.visitor,
                    zone=here.site.zone,
                )
        except NotThere as error:
            raise falcon.HTTPNotFound from error
        except PoserError as error:
            title = _("This cannot be done") if isinstance(error, Refused) else _("That failed")
            raise falcon.HTTPConflict(title=title, description=told(error)) from error


class DeletePage(Button):
    """Falcon resource: deletes a record; asks first only if something would be lost for good."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Delete it, with a way to bring it back."""
        here, resource = visit(req), self._resource
        session = here.read(resource.database)
        record = read_record(session, resource, key, here.visitor, verb=Verb.DELETE)
        name = name_of(resource, record)
        lost = lost_for_good(session, resource.table, key) if resource.database == "poser" else {}
        if (lost or resource.database != "poser") and not req.context.form.get("sure"):
            self._ask(req, resp, key, name, lost)
            return
        with self._writing(req) as writing:
            writing.remove(key)
        text = _("Deleted: {name}").format(name=name)
        flash(resp, text, undo=None if lost else f"{resource.path}/deleted/{key}")
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, resource.path

    def _ask(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        key: UUID,
        name: str,
        lost: dict[str, int],
    ) -> None:
        known = visit(req).site.resources
        show(
            req,
            resp,
            "delete.pt",
            title=_("Delete {name}?").format(name=name),
            resource=self._resource,
            back=self._resource.record_path(key),
            lost=[
                (many, _(known[table].many) if table in known else table.replace("_", " "))
                for table, many in lost.items()
            ],
        )


class BringBackPage(Button):
    """Falcon resource: brings a deleted record back."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Bring it back, with what went along with it, and show it."""
        resource = self._resource
        with self._writing(req) as writing:
            count = bring_back(writing.session, resource.table.name, key)
            yours = find_record(writing.session, resource, key, writing.visitor, verb=Verb.DELETE)
            if yours is None:
                raise NotThere("this record is not one of yours")
        text = _("It is back.")
        if count > 1:
            text = _("It is back, with {count} other records.").format(count=count - 1)
        flash(resp, text)
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, resource.record_path(key)


class TouchPage(Button):
    """Falcon resource: writes a record as it is, so that it goes to other nodes again."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Touch it."""
        with self._writing(req) as writing:
            writing.touch(key)
        flash(resp, _("It is sent to the other nodes again."))
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, self._resource.record_path(key)


class ActionPage(Button):
    """Falcon resource: one action of a resource, for one record."""

    def __init__(self, resource: Resource, action: Action) -> None:
        super().__init__(resource)
        self._action = action

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Do it, if it can be done with this record, and say what came of it."""
        action, resource = self._action, self._resource
        with self._writing(req) as writing:
            record = find_record(
                writing.session, resource, key, writing.visitor, verb=Verb.EDIT, lock=True
            )
            if record is None:
                raise NotThere("this record is not there")
            if not action.available(record):
                raise PoserError(
                    _("{action}: not for this record, as it is now").format(action=_(action.label)),
                    hint=_("somebody may have done it already"),
                )
            said = action.run(writing.session, key)
        flash(resp, said)
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, resource.record_path(key)


class FilePage:
    """Falcon resource: a file that a record holds, to take away."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID, name: str) -> None:
        """Send it as a download; no browser shows it as a page of this site."""
        here, resource = visit(req), self._resource
        field = resource.form.get(name)
        if field is None or field.input != "file" or not resource.may_see(here.visitor, name):
            raise falcon.HTTPNotFound
        session = here.read(resource.database)
        record = read_record(session, resource, key, here.visitor)
        table = resource.table
        wanted = select(table.c[name]).where(table.c.id == key)
        content = session.connection().execute(wanted).scalar()
        if content is None:
            raise falcon.HTTPNotFound
        resp.content_type = "application/octet-stream"
        resp.downloadable_as = str(record.get("file_name") or name)
        resp.data = bytes(content)
