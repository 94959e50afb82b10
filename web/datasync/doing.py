# SPDX-License-Identifier: Apache-2.0
"""What people do about datasync from its page: try again, give up, settle a conflict."""

from uuid import UUID

import falcon

from poser.batch.moving import make
from poser.batch.populating import populate
from poser.batch.types.sync_review import SyncReview
from poser.datasync.resolving import resolve
from poser.datasync.steering import drop, retry
from poser.db import transaction
from poser.errors import PoserError
from poser.model import DatasyncConflict, DatasyncParked
from web.batches.page import PATH as BATCHES
from web.datasync.page import PATH
from web.datasync.rights import may_settle
from web.flash import flash
from web.language import _
from web.refusals import told
from web.site import Site
from web.visits import visit

LONGEST = 400


class RetryAll:
    """Falcon resource: has all that waits tried at once."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Do so."""
        with transaction(self._site.engines["poser"]) as session:
            many = retry(session)
        _back(req, resp, _("Tried again at once: {count}").format(count=many))


class Parked:
    """Falcon resource: one change that waits."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Have it tried at once, or give it up with a reason."""
        form = req.context.form
        why = form.get("why", "").strip()[:LONGEST]
        match form.get("do"):
            case "retry":
                with transaction(self._site.engines["poser"]) as session:
                    if not retry(session, [key]):
                        raise falcon.HTTPNotFound
                said = _("It is tried again at once.")
            case "drop" if why:
                who = visit(req).visitor.name
                with _refusing(), transaction(self._site.engines["poser"]) as session:
                    is_of_node = session.get(DatasyncParked, key) is not None
                    drop(session, key, f"{why} ({who})")
                said = _("Given up, until it changes there once more.")
                if is_of_node:
                    said = _("Given up; it is kept among the conflicts, with why.")
            case "drop":
                raise falcon.HTTPBadRequest(description=_("Say why it is given up."))
            case _:
                raise falcon.HTTPBadRequest(description=_("There is no such button."))
        _back(req, resp, said)


class Settle:
    """Falcon resource: one conflict."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Take theirs, keep ours, or take the fields that are chosen."""
        here, form = visit(req), req.context.form
        with _refusing(), transaction(self._site.engines["poser"]) as session:
            found = session.get(DatasyncConflict, key)
            if found is None:
                raise falcon.HTTPNotFound
            if found.is_open and not may_settle(here, found):
                raise falcon.HTTPForbidden(
                    description=_("You may not change what this conflict is about.")
                )
            match form.get("do"):
                case "theirs":
                    taken = list(found.fields)
                case "ours":
                    taken = []
                case "fields":
                    taken = [n for n in found.fields if form.get(f"take.{n}") == "theirs"]
                case _:
                    raise falcon.HTTPBadRequest(description=_("There is no such button."))
            resolve(session, key, theirs=taken, by=here.visitor.name)
        _back(req, resp, _("Settled. All nodes get it."))


class Review:
    """Falcon resource: makes a batch of the open conflicts, to be looked at together."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:  # noqa: ARG002 - Falcon's signature
        """Make it and go there."""
        engine, kind = self._site.engines["poser"], SyncReview()
        with _refusing():
            with transaction(engine) as session:
                number = make(session, kind, description=_("Conflicts between nodes")).number
            batch = populate(engine, kind, number)
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, f"{BATCHES}/{batch.id}"


class _refusing:  # noqa: N801 - reads as a word
    """Say on an error page why something cannot be done."""

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        """Turn a refusal into a page."""
        if isinstance(error, PoserError):
            raise falcon.HTTPConflict(
                title=_("This cannot be done"), description=told(error)
            ) from error


def _back(req: falcon.Request, resp: falcon.Response, said: str) -> None:
    visit(req).site.alerts.forget()
    flash(resp, said)
    resp.status, resp.location = falcon.HTTP_SEE_OTHER, PATH
