# SPDX-License-Identifier: Apache-2.0
"""Becoming root on a page of its own: who, why, and proof that it is really them."""

import falcon

from poser.auth import Refused
from poser.auth.root import LASTS, become_root, leave_root
from web.flash import flash
from web.language import _
from web.pages.signing_in import Checks, refuse
from web.showing import show
from web.urls import next_path
from web.users.asking import see_other, session_of, writing
from web.visitors import caller
from web.visits import visit

MINUTES = int(LASTS.total_seconds()) // 60


class RootPage:
    """Falcon resource: the form that makes somebody root for a while."""

    def __init__(self, check: Checks) -> None:
        self._check = check

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the form."""
        self._show(req, resp, next_path(req.get_param("next")))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Make the visitor root, or say that the proof is not right."""
        form = req.context.form
        wanted, reason = next_path(form.get("next")), form.get("reason", "").strip()
        if not reason:
            resp.status = falcon.HTTP_UNPROCESSABLE_ENTITY
            self._show(req, resp, wanted, problem=_("Say in a few words what for."))
            return
        who, proof = caller(req), form.get("proof", "")
        refused = self._check(
            lambda session: become_root(
                session, session_of(req, session), proof=proof, reason=reason, caller=who
            )
        )
        if isinstance(refused, Refused):
            problem = refuse(resp, refused, _("That password or code is not right."))
            self._show(req, resp, wanted, reason=reason, problem=problem)
            return
        said = _("You may do everything for {minutes} minutes. All of it is on record.")
        flash(resp, said.format(minutes=MINUTES))
        see_other(resp, wanted)

    def _show(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        wanted: str,
        *,
        reason: str = "",
        problem: str = "",
    ) -> None:
        show(
            req,
            resp,
            "root.pt",
            title=_("Become root"),
            next=wanted,
            reason=reason,
            problem=problem,
            minutes=MINUTES,
        )


class LeaveRoot:
    """Falcon resource: back to what the user may do as themselves."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """End it before its time."""
        visit(req).close()
        with writing(req) as session:
            leave_root(session, session_of(req, session), caller(req))
        flash(resp, _("You are yourself again."))
        see_other(resp, next_path(req.context.form.get("next")))
